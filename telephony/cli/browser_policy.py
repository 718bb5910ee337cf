"""The policies that let a page be a telephone in Edge and Chrome, on every PC of the centre.

Names and registry paths are those of the makers' policy lists. A list is a key of values, called
1, 2, 3, ... where a person or a group policy wrote it. Edge and Chrome read each value whose name
is a number of 32 bits, gaps or not (Chromium's components/policy/core/common/registry_dict.cc).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from zlib import crc32

EDGE: Final = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Edge"
CHROME: Final = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Google\Chrome"
BOTH: Final = ("AudioCaptureAllowedUrls", "NotificationsAllowedForUrls", "AutoplayAllowlist")
# What keeps a page awake in the background is called otherwise by each.
AWAKE: Final = {EDGE: "SleepingTabsBlockedForUrls", CHROME: "TabDiscardingExceptions"}
WHY: Final = {
    "AudioCaptureAllowedUrls": "マイクを、尋ねずに許可します",
    "NotificationsAllowedForUrls": "着信を知らせる通知を許可します(内容に個人情報は入りません)",
    "AutoplayAllowlist": "操作がなくても呼出音を鳴らせるようにします",
    "SleepingTabsBlockedForUrls": "背面のタブを休止させません(Edge)",
    "TabDiscardingExceptions": "背面のタブを破棄させません(Chrome)",
}
NUMBERS: Final = 1_000_000_000  # ours begin there, and there are as many
ADDS_ONLY: Final = (
    "値の名前はアドレスから決まる10桁の番号です。市が登録した 1、2、3 … の値は書き換えません。"
)
WE_SIGN: Final = (
    "1. `{authority}` を各PCの「信頼されたルート証明機関」に入れます。グループポリシー: "
    "コンピューターの構成 → Windows の設定 → セキュリティの設定 → 公開キーのポリシー → "
    "信頼されたルート証明機関。1台だけなら管理者で `certutil -addstore Root ca.pem`。"
)
CITY_SIGNS: Final = (
    "1. 証明書は市のものです。その認証局を各PCが信頼していれば、新しく入れるものはありません。"
)


def policies(browser: str) -> tuple[str, ...]:
    """Their names, of this browser."""
    return (*BOTH, AWAKE[browser])


def number_of(origin: str) -> int:
    """Far above what a list of the city's own counts to, and the same each time."""
    return NUMBERS + crc32(origin.encode()) % NUMBERS


def for_registry(origins: Sequence[str]) -> str:
    """A registry file for Windows: both browsers, every policy, every address of the desk."""
    lines = ["Windows Registry Editor Version 5.00", "", f"; {ADDS_ONLY}", ""]
    for browser in (EDGE, CHROME):
        for policy in policies(browser):
            lines.append(f"[{browser}\\{policy}]")
            lines += [f'"{number_of(origin)}"="{origin}"' for origin in origins]
            lines.append("")
    return "\r\n".join((*lines, ""))


def sheet(site: str, origins: Sequence[str], authority: Path | None) -> str:
    """One page for whoever looks after the PCs."""
    addresses = "\n".join(f"* `{origin}`" for origin in origins)
    rows = "\n".join(f"| `{name}` | {why} |" for name, why in WHY.items())
    trust = WE_SIGN.format(authority=authority) if authority is not None else CITY_SIGNS
    return f"""# {site}: ブラウザーの設定(Edge・Chrome)

電話に使う画面のアドレス:

{addresses}

{trust}
2. `browser-policy.reg` を管理者で取り込みます。{ADDS_ONLY}
   次のポリシーをグループポリシー(Edge・Chrome の管理用テンプレート)で配っているPCでは、
   取り込まずに、その一覧に同じアドレスを加えてください。
   グループポリシーは適用のたびに一覧全体を置き換えるので、取り込んだ値は消えます。

| ポリシー | 何のため |
|---|---|
{rows}

3. ブラウザーを開き直し、`edge://policy` または `chrome://policy` に
   上の名前が「OK」で並ぶことを確かめます。
4. 席に着いて「この画面で電話を受ける」を選び、「電話の確認」が全部 ✓ になれば終わりです。

マイクと通知を尋ねる窓が出る場合は、アドレス(ポート番号まで)がポリシーの値と同じか確かめてください。
"""
