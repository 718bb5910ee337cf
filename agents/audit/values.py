"""What the codes inside a line's details, and in the place of its object, say to people.

Every detail is one of two kinds: its values are codes of a closed set and have words here, or they
stand as they are. The tests hold the sets to the types they come from. What a site chooses itself
(reasons of a pause, dispositions, seats, extensions) has its words in the catalogue.
"""

from collections.abc import Mapping
from typing import Final

from agents.audit.words import Said, Texts

# By detail. One value may hold several, with a comma or a space between them.
VALUES: Final[Mapping[str, Texts]] = {
    "cause": {
        "memo": Said("受電メモ", "memo of a call"),
        "promised": Said("折り返しの約束", "promised"),
    },
    "do": {
        "claim": Said("対応する", "see to it"),
        "release": Said("手放す", "let go of it"),
        "postpone": Said("時刻を変える", "change the time"),
        "note": Said("メモ", "a note"),
        "confirm": Said("済", "done"),
        "split": Said("別の方", "another person's"),
        "withdraw": Said("取り下げる", "withdraw"),
    },
    "fields": {
        "announced_name": Said("名乗る名前", "announced name"),
        "role": Said("役割", "role"),
        "enabled": Said("利用可", "enabled"),
        "valid_from": Said("利用開始日", "valid from"),
        "valid_until": Said("利用終了日", "valid until"),
        "designation": Said("指定番号", "designation"),
    },
    "kind": {
        "totp": Said("時刻式(TOTP)", "by time (TOTP)"),
        "hotp": Said("ボタン式(HOTP)", "by button (HOTP)"),
        "key": Said("セキュリティキー", "security key"),
    },
    "masked": {
        "individual_number": Said("個人番号", "individual number"),
        "resident_code": Said("住民票コード", "resident code"),
        "application_id": Said("申請書ID", "application ID"),
        "pin": Said("暗証番号", "PIN"),
    },
    "result": {
        "reached": Said("本人", "the citizen"),
        "other_person": Said("別の人", "somebody else"),
        "machine": Said("留守番電話", "an answering machine"),
        "wrong_number": Said("番号違い", "a wrong number"),
    },
    "role": {
        "agent": Said("オペレーター", "agent"),
        "supervisor": Said("業務管理者", "supervisor"),
        "general_manager": Said("統括管理者", "general manager"),
        "city_viewer": Said("市(閲覧)", "city, viewing"),
        "city_approver": Said("市(承認)", "city, approving"),
        "auditor": Said("監査", "auditor"),
        "administrator": Said("システム管理者", "administrator"),
        "display": Said("掲示板", "wall board"),
    },
    "to": {
        "supervisor": Said("業務管理者", "supervisor"),
        "city": Said("市", "the city"),
    },
    "what": {
        "microphone_gone": Said("マイクが外れた", "microphone unplugged"),
        "microphone_refused": Said("マイクの許可がなくなった", "microphone no longer allowed"),
        "devices_changed": Said("ヘッドセットを替えた", "headset changed"),
    },
    "where": {
        "account": Said("利用者の情報", "an account"),
        "booking": Said("予約", "booking"),
        "calendar": Said("カレンダー", "calendar"),
        "callback": Said("折り返し", "callback"),
        "draft": Said("応対結果の下書き", "draft of an outcome"),
        "escalation": Said("エスカレーション", "escalation"),
        "file": Said("取り込もうとしたファイル", "a file that was refused"),
        "handover": Said("申し送り", "handover"),
        "memo": Said("メモ", "memo"),
        "message": Said("連絡", "message"),
        "notice": Said("お知らせ", "notice"),
        "outcome": Said("応対結果", "outcome"),
        "page": Said("入力中の画面", "a page, as it was typed"),
        "unsent": Said("書きかけ", "unsent text"),
    },
}

# Counts, ids, days, the truth of something, and what the catalogue or another list has words for.
AS_THEY_ARE: Final = frozenset(
    {
        "before", "bookings", "call", "callback", "cells", "closes", "day", "disposition",
        "enabled", "factor", "found", "incidents", "key", "last", "late", "letters", "lines",
        "minutes", "new", "object", "passed", "proposal", "reason", "rows", "site", "sound",
        "target", "version", "who", "word",
    }
)  # fmt: skip

# Of what it was done to, where that is no id; what stands before a colon, where an id follows.
OBJECTS: Final[Texts] = {
    # modes
    "emergency": Said("緊急", "emergency"),
    "outage": Said("システム障害", "outage"),
    "surge": Said("急激な繁忙", "surge"),
    # sheets
    "pick": Said("翌日準備リスト", "cards for the day"),
    "move": Said("変更のご連絡リスト", "visits to move"),
    "dispatch": Said("支所送付リスト", "to the branches"),
    # places of texts that are not sent yet
    "answer": Said("エスカレーションへの回答", "answer to an escalation"),
    "calendar-proposal": Said("カレンダー変更の申請", "proposal of a calendar"),
    "callback": Said("折り返し", "callback"),
    "callback-memo": Said("受電メモ", "memo of a call"),
    "consult": Said("相談", "consultation"),
    "escalation": Said("エスカレーション", "escalation"),
    "handover": Said("申し送り", "handover"),
    "memo": Said("メモ", "memo"),
    "message": Said("連絡", "message"),
    "notice": Said("お知らせ", "notice"),
    "promise": Said("折り返しの約束", "promised callback"),
}
