"""What each alarm says to whoever looks: what is wrong, and what to do, in English and Japanese."""

from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path
from typing import Any, Final

from telephony.watch.alarms import DISK_STOP, warn_mark
from telephony.watch.measures import Disk, Measures

MIB: Final = 2**20
MINUTE: Final = 60.0  # seconds

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "asterisk_unfit": (
        "This Asterisk ({version}) is none that Madoguchi was proved with: install 22.10.1 or a "
        "later 22.x (below 23), then stop and start `madoguchi up` outside opening hours",
        "動作を確認していない Asterisk（{version}）です。22.10.1 以上 23 未満を入れ、"
        "受付時間外に `madoguchi up` を停止・起動してください",
    ),
    "events_away": (
        "The controller does not hear Asterisk: new callers wait in the safety net and nobody is "
        "offered; if it lasts a minute, look into asterisk.log and controller.log",
        "コントローラーに Asterisk のイベントが届きません。新しい着信は保留音で待っています。"
        "1分続くときは asterisk.log と controller.log を確認してください",
    ),
    "ari_slow": (
        "Asterisk answers our requests late or not at all ({ari}): talks go on and nobody is "
        "offered; after half a minute of silence it is started again by itself, else find what "
        "loads the machine",
        "Asterisk の応答が遅れています（{ari}）。通話は続き、呼び出しは止めています。"
        "30秒応答がなければ自動で再起動します。続くときは負荷の原因を調べてください",
    ),
    "sip_silent": (
        "Asterisk does not answer SIP on UDP port {ports}: those who wait keep their place and "
        "nobody is offered; if it lasts a minute, run `madoguchi restart asterisk` (its calls end)",
        "Asterisk が SIP（UDP {ports}）に応答しません。待っている方の順番はそのまま、"
        "呼び出しは止めています。1分続くときは `madoguchi restart asterisk`（通話は切れます）",
    ),
    "task_processors": (
        "{tasks} tasks wait inside Asterisk (limit 500): calls are taken and nobody is offered "
        "until it has caught up; find what loads the machine",
        "Asterisk 内で {tasks} 件の処理が滞っています（上限 500）。着信は受け、"
        "追いつくまで呼び出しを止めています。負荷の原因を調べてください",
    ),
    "strangers": (
        "Somebody who is neither a phone of ours nor the carrier sends SIP ({strangers} requests "
        "within half a minute): calls go on, all of it is refused; let the firewall pass nobody "
        "but them to UDP {ports}, and compare the carrier's address with `trunk` in `site.yaml`",
        "電話機でも回線事業者でもない相手から SIP の要求が届いています"
        "（30秒ほどで {strangers} 件）。"
        "通話は続き、要求はすべて断っています。ファイアウォールで UDP {ports} を電話機と事業者に"
        "限り、事業者のアドレスが `site.yaml` の `trunk` と合うか確認してください",
    ),
    "disk_full": (
        "{free} MiB are free on the disk of {folder}: calls go on, but soon nothing will be "
        "recorded and phones lose their registration; free {short} MiB now: move the files of "
        "{home}/archive to another disk and delete {home}/log/*.log.1, but never redis/ "
        "or madoguchi.db",
        "{folder} のディスクの空きは {free} MiB です。"
        "通話は続きますが、まもなく記録できなくなり、電話機の登録も切れます。"
        "今すぐ {short} MiB 空けてください: {home}/archive のファイルを別のディスクへ移し、"
        "{home}/log/*.log.1 を削除する。redis/ と madoguchi.db は消さないこと",
    ),
    "disk_low": (
        "{free} MiB are free on the disk of {folder}: free {short} MiB this week, for example by "
        "moving the files of {home}/archive to another disk",
        "{folder} のディスクの空きは {free} MiB です。今週中に {short} MiB 空けてください"
        "（例: {home}/archive のファイルを別のディスクへ移す）",
    ),
    "clock_not_synchronised": (
        "Nobody keeps this machine's clock right, so recorded times may be wrong: start chrony or "
        "systemd-timesyncd, and check with `timedatectl`",
        "このマシンの時計は時刻同期されていません。記録の時刻がずれるおそれがあります。"
        "chrony か systemd-timesyncd を動かし、`timedatectl` で確認してください",
    ),
    "clock_stepped": (
        "The clock was set within the last hour: no deadline moved, and records go by the former "
        "time until you run `madoguchi restart controller` while nobody calls; find out who set it",
        "この1時間に時計が変更されました。待ち時間などへの影響はありませんが、記録の時刻は"
        "変更前のままです。通話がないときに `madoguchi restart controller` を実行し、"
        "変更した原因を確認してください",
    ),
    "journal_away": (
        "Redis does not answer: calls go on, but a crash of the controller now would forget the "
        "order of those who wait; see redis.log, or the operator's Redis",
        "Redis が応答しません。通話は続きますが、いま障害が起きると待ち順が失われます。"
        "redis.log か、用意された Redis を確認してください",
    ),
    "lease_away": (
        "The lease cannot be renewed because Redis does not answer: this controller goes on, but "
        "no standby can take over; see redis.log, or the operator's Redis",
        "Redis が応答せず、主系の権利を更新できません。この系は動き続けますが、"
        "待機系は引き継げません。redis.log か、用意された Redis を確認してください",
    ),
    "records_behind": (
        "{behind} records wait because SQL does not take them: nothing is lost, but no figure is "
        "up to date; see that the database runs and its disk has room",
        "記録 {behind} 件がデータベースに書けずに待っています。失われてはいません。"
        "データベースが動いているか、ディスクに空きがあるか確認してください",
    ),
    "inbox_full": (
        "The controller does not keep up with Asterisk's events: new callers may be refused soon; "
        "find what loads the machine",
        "コントローラーの処理が追いついていません。まもなく新しい着信を断るおそれがあります。"
        "負荷の原因を調べてください",
    ),
    "outbox_full": (
        "Asterisk does not keep up with what is asked of it: callers are served late; find what "
        "loads the machine",
        "Asterisk への要求が滞っています。応対が遅れています。負荷の原因を調べてください",
    ),
    "carrier_gone": (
        "The carrier has answered no OPTIONS for a minute: citizens probably do not get through, "
        "and nothing is dialled outside; check the line and the router, then ask the carrier "
        "(`trunk` in site.yaml says whom; `qualify_every: 0` where they answer none on principle)",
        "回線事業者が1分以上 OPTIONS に応答していません。着信できていないおそれがあります。"
        "回線とルーターを確認し、事業者に問い合わせてください"
        "（相手先は site.yaml の `trunk`。応答しない方式なら `qualify_every: 0`）",
    ),
    "lines_full": (
        "Every line has been taken for most of the last five minutes: whoever calls hears the busy "
        "tone, and `madoguchi calls` lists them (`all_lines_busy`); let more agents take calls, "
        "or ask the carrier for more lines",
        "この5分のほとんどの間、全回線が話中です。新しい着信には話中音が流れています。"
        "対象は `madoguchi calls`（`all_lines_busy`）で分かります。"
        "受付の人数か回線を増やしてください",
    ),
    "line_stuck": (
        "Within the last hour a line was taken for longer than any call may last "
        "(`trunk.longest_call`) and was freed: see `line_stuck` in the controller's log, and if it "
        "comes again, send the journal (`madoguchi journal export FILE`)",
        "この1時間に、最長通話時間（`trunk.longest_call`）を超えて塞がった回線を解放しました。"
        "コントローラーのログの `line_stuck` を確認し、繰り返すときは "
        "`madoguchi journal export FILE` で書き出して送ってください",
    ),
    "unknown_number": (
        "Within the last hour a call came for a number that is none of the site's; it was served. "
        "`madoguchi calls --json` shows it as `dialled`: add it to `dids`, or set "
        "`trunk.dialled_from` to where this carrier puts the number",
        "この1時間に、登録のない番号あての着信がありました（応対はしています）。"
        "`madoguchi calls --json` の `dialled` を見て、`dids` に加えるか、"
        "`trunk.dialled_from` を直してください",
    ),
    "holidays_unconfirmed": (
        "Nobody has confirmed the national holidays of {year}, which is here or begins within 60 "
        "days: the lines may open on a holiday. Compare `holidays.yaml` with the gazette "
        "(`madoguchi calendar holidays seed {year}` adds the year), write confirmed_by and "
        "confirmed_on, then run `madoguchi restart controller`",
        "{year}年の祝日がまだ確認されていません。祝日に電話が開くおそれがあります。"
        "`holidays.yaml` を官報と照合し（年がなければ `madoguchi calendar holidays seed {year}`）、"
        "confirmed_by と confirmed_on を書いてから `madoguchi restart controller` を"
        "実行してください",
    ),
    "certificate_waits": (
        "Another certificate lies in place, and the desk still shows the one it started with: run "
        "`madoguchi restart desk`, once the PCs trust its authority; calls go on meanwhile",
        "新しい証明書が置かれていますが、画面は起動したときの証明書のままです。"
        "各 PC がその認証局を信頼していることを確かめ、"
        "`madoguchi restart desk` を実行してください。通話は続きます",
    ),
    "certificate_ends": (
        "The desk's certificate ends in {certificate_days} days, and then no page opens: run "
        "`madoguchi tls make` (or `tls take` with the city's new one), then `madoguchi restart "
        "desk`; calls go on meanwhile",
        "画面の証明書はあと {certificate_days} 日で切れ、その後は画面が開きません。"
        "`madoguchi tls make`（市の証明書なら `tls take`）で新しくし、"
        "`madoguchi restart desk` を実行してください。通話は続きます",
    ),
    "letters_late": (
        "A letter about a booking has been waiting for the city's reservation system for "
        "{letter_minutes} minutes; it is tried again without end. `madoguchi bookings deliveries` "
        "shows why: see that `booking.webhook_url` answers, or ask the city; what is urgent is "
        "entered there by hand 転記",
        "予約の通知が {letter_minutes} 分、市の予約システムに届いていません。送信は自動で続けます。"
        "`madoguchi bookings deliveries` で理由を見て、`booking.webhook_url` の先が動いているか"
        "市に確かめてください。急ぐものは転記してください",
    ),
    "letters_refused": (
        "The city's reservation system refused {letters} letter(s) about bookings: `madoguchi "
        "bookings deliveries` shows its answers; put right what it objects to, then send them "
        "again with `madoguchi bookings resend` or the key of the page of the city's files",
        "市の予約システムが予約の通知 {letters} 通を受け付けませんでした。"
        "`madoguchi bookings deliveries` で応答を見て原因を直し、`madoguchi bookings resend` か"
        "「市のシステムとの受け渡し」の画面で送り直してください",
    ),
    "callbacks_unsound": (
        "{unsound} entries of the ledger of callbacks do not agree with the records of calls: run "
        "`madoguchi callbacks balance` to see which, and find out who changed the database by hand",
        "折り返しの台帳に、通話記録と合わないものが {unsound} 件あります。"
        "`madoguchi callbacks balance` で内容を確かめ、"
        "データベースを直接変えた人がいないか調べてください",
    ),
    "sounds_missing": (
        "Callers do not hear a prompt as they should, because its file is missing or broken: "
        "`sound_missing` in the controller's log names it; put it right, prove it with "
        "`madoguchi check DIR`, then run `madoguchi restart controller`",
        "音声ファイルがないか壊れていて、案内の一部が正しく流れていません。コントローラーのログの "
        "`sound_missing` にあるファイルを直し、`madoguchi check DIR` で確かめてから "
        "`madoguchi restart controller` を実行してください",
    ),
    "agent_missed_out": (
        "Offers were not taken at {seats} seat(s), and the agent was paused, so that callers do "
        "not ring at an empty desk: `madoguchi agents` shows who (reason missed_…); see whether "
        "they are there and their telephone works, then let them press ready",
        "{seats} 席で呼び出しに応答がなく、離席（missed_…）にしました。`madoguchi agents` "
        "で席を確かめ、本人と電話機に問題がなければ受付可に戻してください",
    ),
    "phone_lost": (
        "{phones} caller(s) hear music because their agent's telephone is lost: see who "
        "`madoguchi agents` shows as phone_lost, and help them to load their page again or to lift "
        "the desk phone; after 20 s the caller waits for somebody else, before all others",
        "担当者の電話がつながらなくなり、{phones} 件のお客様が保留音を聞いています。"
        "`madoguchi agents` で phone_lost の席を確かめ、"
        "画面の開き直しか電話機での応答を手伝ってください。"
        "20 秒たつと、ほかの担当者に最優先でつながります",
    ),
    "poisoned": (
        "A fault of ours was set aside and its caller taken to a person: write the journal with "
        "`madoguchi journal export FILE` and send it",
        "プログラムの不具合を回避しました。`madoguchi journal export FILE` "
        "で書き出し、送ってください",
    ),
}


def sentence(alarm: str, seen: Measures, home: Path) -> tuple[str, str]:
    """The text of an alarm in English and Japanese, with the figures of this moment."""
    figures = _figures(alarm, seen) | {"home": home}
    english, japanese = TEXTS[alarm]
    return english.format(**figures), japanese.format(**figures)


def _figures(alarm: str, seen: Measures) -> dict[str, Any]:
    if alarm in {"disk_full", "disk_low"}:
        return _room(seen.disks, warn_mark if alarm == "disk_low" else lambda _: DISK_STOP)
    slow = [str(port) for port, took in sorted(seen.sip.items()) if took >= 1]
    return {
        "version": seen.version,
        "ports": ", ".join(slow or map(str, sorted(seen.sip))),
        "ari": f"{seen.ari:.1f} s" if seen.ari and isfinite(seen.ari) else "no answer",
        "tasks": seen.task_processor,
        "strangers": seen.strangers,
        "behind": seen.inside.records_behind,
        "seats": seen.inside.missing_offers,
        "phones": seen.inside.phones_lost,
        "year": seen.inside.holidays_unconfirmed,
        "letter_minutes": int((seen.letter_waits or 0) // MINUTE),
        "letters": seen.letters_refused,
        "unsound": seen.inside.callbacks_unsound,
        "certificate_days": int(seen.certificate_days or 0),
    }


def _room(disks: tuple[Disk, ...], mark: Callable[[Disk], float]) -> dict[str, Any]:
    """Of the disk that is worst off."""
    worst = max(disks, key=lambda disk: mark(disk) / max(disk.free, 1))
    short = max(1, round((mark(worst) - worst.free) / MIB))
    return {"folder": worst.folder, "free": worst.free // MIB, "short": short}
