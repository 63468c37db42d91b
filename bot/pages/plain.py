"""Pages without scripts: the login form, and what to say when there is nothing to show."""

from __future__ import annotations

from html import escape

_STYLE = """
:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;color:#2c2a27;
 font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;
 background:radial-gradient(1200px 600px at 20% -10%,#fdf6ea,transparent),#f1ece4}
main{width:100%;max-width:420px;background:#fff;border-radius:22px;padding:36px 32px;text-align:center;
 box-shadow:0 20px 50px -20px rgba(70,50,20,.25)}
.mark{width:60px;height:60px;margin:0 auto 18px;border-radius:50%;display:grid;place-items:center;font-size:28px;
 background:linear-gradient(135deg,#f2a65a,#d9743f)}
h1{font-size:21px;line-height:1.3;margin:0 0 10px}p{margin:0;color:#6d675e}
form{margin-top:22px;display:grid;gap:12px}
input{font:inherit;padding:13px 16px;border:1px solid #ddd5c9;border-radius:13px;background:#fbf9f6;outline:none}
input:focus{border-color:#d9743f;box-shadow:0 0 0 3px #d9743f22}
button{font:inherit;font-weight:600;padding:13px;border:0;border-radius:13px;background:#c96534;color:#fff;cursor:pointer}
button:hover{background:#b65828}.wrong{color:#b3361f;margin-top:14px}
"""
_PAGE = """<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<style>{style}</style></head><body><main><div class="mark">{mark}</div><h1>{title}</h1>{body}</main></body></html>"""


def sorry_page(title: str, text: str) -> str:
    return _PAGE.format(style=_STYLE, mark="🙂", title=escape(title), body=f"<p>{escape(text)}</p>")


def login_page(back: str = "/", wrong: str = "") -> str:
    """The password form; ``back``: where to go then; ``wrong`` says why it is shown again."""
    told = f'<p class="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    form = (
        '<p>Здесь заявки и переписка с клиентами, поэтому нужен пароль.</p><form method="post" action="/login">'
        f'<input type="hidden" name="back" value="{escape(back)}">'
        '<input type="password" name="password" placeholder="Пароль" aria-label="Пароль" required autofocus '
        f'autocomplete="current-password"><button type="submit">Войти</button></form>{told}'
    )
    return _PAGE.format(style=_STYLE, mark="🔑", title="Вход для своих", body=form)
