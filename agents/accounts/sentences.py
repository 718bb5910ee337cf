"""What is said to somebody who does not get in."""

from http import HTTPStatus

from agents.web.problems import Problem


def wrong_network() -> Problem:
    """The address is in none of the networks."""
    return Problem(
        HTTPStatus.FORBIDDEN,
        "この場所からはサインインできません。管理者に相談してください。",
        "You cannot sign in from this network. Ask the administrator.",
    )


def not_it() -> Problem:
    """A code or a key that was not the one."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "確認できませんでした。新しいコードかセキュリティキーでもう一度お試しください。",
        "That was not it. Try again with a new code or your security key.",
    )


def wrong() -> Problem:
    """The same for whatever was wrong."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "ユーザー名またはパスワードが違います。確かめて、もう一度入力してください。",
        "The name or the password is wrong. Check them and try again.",
    )


def too_old() -> Problem:
    """A password that was given out long ago."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "仮パスワードの期限が切れました。管理者に再発行を頼んでください。",
        "The password you were given has expired. Ask the administrator for another.",
    )


def needs_factor() -> Problem:
    """The role asks for one, and there is none."""
    return Problem(
        HTTPStatus.FORBIDDEN,
        "コード発生器かセキュリティキーの登録が必要です。管理者に頼んでください。",
        "You need a code generator or a security key. Ask the administrator for one.",
    )


def seat_is_taken() -> Problem:
    """A page of somebody who sits somewhere is not signed in over."""
    return Problem(
        HTTPStatus.CONFLICT,
        "この画面ではほかの人が着席中です。先にサインアウトしてください。",
        "Somebody is at a seat on this page. Sign out first.",
    )
