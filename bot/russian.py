"""What the command line tells operators, in Russian: an English line, and under it the Russian one, as with problems.

The program's own sentences (settings, the start, the doctor, ``--help``) are made in English; what is said to authors
is made in Russian (``dialogs.english``). A test sees to it that no sentence is missing.
"""

from __future__ import annotations

import re

from dialogs.catalogue import Catalogue

SENTENCES = """
turns people who write to a business in Telegram and VK into leads it can call
    превращает тех, кто пишет вашему делу в Telegram и ВКонтакте, в лиды, которым можно позвонить
commands
    команды
options
    ключи
arguments
    что назвать
which version
    какая это версия
show this message and exit
    показать эту справку
serve every channel that has a token, and the pages
    запустить бота: каналы, для которых есть токен, и страницы
look at everything that has to be right: settings, database, flows, tokens, rights, managers' chats
    проверить всё, что должно быть в порядке: настройки, базу, сценарии, токены, права, чаты менеджеров
bring the database to this program's schema. ``run`` does it by itself
    обновить базу данных под эту версию программы; leadbot run делает это сам
find every mistake in the flows, with its line and the way out
    найти все ошибки в сценариях: строка и что исправить
run the stories beside the flows: who says what, what everybody must see
    проиграть истории, которые лежат рядом со сценариями
talk to a flow in the terminal, without a token and without a trace
    поговорить со сценарием прямо в терминале: без токена и без следа
check the whole set and make it live. People inside finish where they are
    проверить все сценарии и опубликовать. Кто уже разговаривает, договорит
tell what publishing would change, how many people stand there, and what will happen to them
    что изменит публикация, сколько людей на этих шагах и что с ними будет
make a former set live again, as the newest version. The files in the folder stay as they are
    вернуть прежнюю версию, она станет новейшей. Файлы в папке не изменятся
draw a flow: as Mermaid text, or as a picture
    нарисовать сценарий: текстом Mermaid или картинкой
make a flow of your own from a shipped one, with its stories; the first brings business.yaml and consents
    сделать свой сценарий из готового, с историями; к первому — business.yaml и согласия
print the links that open a flow in every channel, each with its QR code
    ссылки, по которым сценарий открывают в каждом канале, и QR-коды к ним
print one person's consents: wordings, moments, messages, withdrawals
    все согласия одного человека: тексты, время, сообщения, отзывы
destroy everything held on one person; the ledger of consents keeps a pseudonym
    удалить всё об одном человеке; в журнале согласий останется псевдоним
take your data out
    выгрузить данные
promo codes of your own
    ваши промокоды
all leads whose people have agreed, as a table that opens in Excel and holds no formulas
    все лиды с согласием — таблицей, которая открывается в Excel; формул в ней нет
add your own promo codes to an offer that says ``own_codes: true``
    загрузить свои промокоды в предложение, где стоит own_codes: true
folder of the flows
    папка сценариев
folder of the flows; FLOWS_DIR by default
    папка сценариев; если не назвать — FLOWS_DIR
only stories whose name has this
    только истории, в имени которых есть эти слова
name what no story visits; fail if there is any
    назвать всё, до чего не дошла ни одна история; если такое есть — это ошибка
which flow; the first by default
    какой сценарий; если не назвать — первый
which flow
    какой сценарий
telegram, vk or web
    telegram, vk или web
the language of the prospect's app, two letters: en
    язык приложения у клиента, две буквы: en
keep the talk as a story of this name
    сохранить разговор как историю с таким именем
which; the one before by default
    какую; если не назвать — предыдущую
draw it into this file instead
    нарисовать картинкой в этот файл
name of the new flow, as in links: tire_service
    имя нового сценария, как в ссылках: tire_service
which shipped flow it begins as; without it they are listed
    готовый сценарий, с которого начать; без этого ключа покажем все
the company's name
    название компании
where it is
    в каком она городе
what people get for an application, in one line
    что люди получат за заявку, одной строкой
which flow the link opens
    какой сценарий откроет ссылка
where it will stand: vk_ads, flyer, radio…
    где она будет стоять: vk_ads, flyer, radio…
which campaign
    какая рекламная кампания
address of your pages as people see it, https://…
    адрес ваших страниц, каким его видят люди: https://…
also save the QR codes here: FOLDER/CHANNEL.svg
    ещё и сохранить QR-коды сюда: ПАПКА/КАНАЛ.svg
telegram:123, vk:456, web:…, lead:17, a phone or an e-mail
    telegram:123, vk:456, web:…, lead:17, телефон или почта
the file to write
    в какой файл записать
FLOW.OFFER, as in test_drive.spring
    СЦЕНАРИЙ.ПРЕДЛОЖЕНИЕ, например test_drive.spring
a text file, one code a line
    текстовый файл, по промокоду на строке
do not ask again
    не переспрашивать

stopped
    остановлено
starting leadbot…
    запускаю leadbot…
leadbot is here: {}
    leadbot работает, откройте в браузере: {}
the database is up to date
    база данных в порядке
there is no folder {}. Set FLOWS_DIR or use --flows
    папки {} нет. Назовите другую: FLOWS_DIR в .env или --flows
{}: {} leads
    {}: лидов {}
there is no offer {}; there are: {}
    предложения {} нет; есть: {}
none (leadbot check)
    никаких (проверьте: leadbot check)
{} makes its own codes by its stock. For codes of yours write own_codes: true instead of stock
    для {} промокоды создаёт бот, по stock. Чтобы загрузить свои, напишите own_codes: true вместо stock
there is no file {}
    файла {} нет
destroy everything about {}?
    удалить всё, что есть о {}?

cannot listen on {} ({}). Another program may have the port: stop it, or set WEB_PORT (and WEB_HOST) to something free
    не удалось открыть {} ({}). Возможно, порт взяла другая программа, например ещё один leadbot. Остановите её или \
впишите в .env другой порт: WEB_PORT (и, если нужно, WEB_HOST)
address already in use
    адрес уже занят
permission denied
    нет прав
cannot assign requested address
    у этого компьютера нет такого адреса
there is no folder {} for the database: make it, or change DATABASE_URL
    папки {} для базы данных нет: создайте её или поменяйте DATABASE_URL
{} is on a network share ({}), where locks do not hold and SQLite loses data: keep it on a local disk, or use PostgreSQL
    {} лежит на сетевом диске ({}), а там SQLite теряет данные: перенесите базу на свой диск или возьмите PostgreSQL
cannot write beside {}: {}
    рядом с {} не получается писать: {}
another leadbot (process {}) already works on {}. Stop it first
    другой leadbot (процесс {}) уже работает с {}. Сначала остановите его
another leadbot already works on this PostgreSQL database. Stop it first
    другой leadbot уже работает с этой базой PostgreSQL. Сначала остановите его
the database has schema {}, made by a newer leadbot; this one knows schemas up to {}. Run that newer version, or \
restore a backup made before the upgrade
    базу обновил более новый leadbot (схема {}), этот знает схемы до {}. Запустите ту, новую версию или верните копию, \
сделанную до обновления
{} is damaged ({}). Nothing was written to it. Keep it aside with its -wal file (mv {}* elsewhere), put your last \
backup in its place and start again; what can still be read of the old file: sqlite3 OLD .recover. Telegram keeps new \
messages for a day, VK keeps its conversations
    файл {} повреждён ({}). В него ничего не записано. Отложите его вместе с файлом -wal (mv {}* в другое место), \
положите на его место последнюю копию и запустите бота снова. Что ещё читается в старом файле, покажет sqlite3 СТАРЫЙ \
.recover. Telegram хранит новые сообщения сутки, ВКонтакте — всю переписку
the database does not answer ({}): look at DATABASE_URL
    база данных не отвечает ({}): проверьте DATABASE_URL
this database belongs to {} {}, the token is of {}: people have not agreed to be written to by another. Use the former \
token, or another DATABASE_URL
    эта база принадлежит другому боту или сообществу ({} {}), а токен — от {}: люди не соглашались, чтобы им писал \
кто-то другой. Верните прежний токен или возьмите другую базу, DATABASE_URL
there is no folder {} with flows: set FLOWS_DIR
    папки {} со сценариями нет: впишите в .env верную, FLOWS_DIR
nothing is published yet and the flows have errors: mend them and start again
    ещё ничего не опубликовано, а в сценариях ошибки: исправьте их и запустите снова

these settings are wrong:
    в настройках ошибки:
{} is not text in UTF-8: save it anew in that encoding
    {} — не текст в UTF-8: сохраните его заново в этой кодировке
{}: does not look like a token (a number, a colon, letters and digits)
    {}: не похоже на токен (число, двоеточие, буквы и цифры)
{}: is not an address of a proxy
    {}: это не адрес прокси
{}: is not a chat's number
    {}: это не номер чата
{}: is missing: VK_TOKEN needs it
    {}: не задано, а без этого VK_TOKEN не работает
{}: is not an address of a database
    {}: это не адрес базы данных
{}: names a database that is not supported
    {}: такая база не подойдёт
{}: is missing: WEB_HOST lets others in
    {}: не задан, а WEB_HOST впускает всех
{}: has something that is not telegram:NUMBER or vk:NUMBER
    {}: здесь есть что-то кроме telegram:НОМЕР и vk:НОМЕР
{}: is not an address
    {}: это не адрес
{}: input should be a valid integer, unable to parse string as an integer
    {}: здесь нужно целое число
{}: input should be a valid number, unable to parse string as a number
    {}: здесь нужно число
{}: input should be greater than {}. {}
    {}: число должно быть больше {}. {}
{}: input should be greater than or equal to {}. {}
    {}: число должно быть не меньше {}. {}
{}: input should be less than or equal to {}. {}
    {}: число должно быть не больше {}. {}
{}: input should be {} or {}. {}
    {}: можно {} или {}. {}
get it in Telegram from @BotFather: /newbot for a new bot, /token for one you have
    его даст @BotFather в Telegram: /newbot — для нового бота, /token — для вашего прежнего
address of your own Bot API server, http:// or https://
    адрес вашего сервера Bot API, http:// или https://
a proxy for Telegram alone: socks5://host:port or http://…
    прокси только для Telegram: socks5://адрес:порт или http://…
id of the managers' group: the negative number in its address at web.telegram.org
    номер группы менеджеров: отрицательное число из её адреса на web.telegram.org
get it in VK: Manage community, API usage, Access tokens (with messages and community management)
    его даёт ВКонтакте: Управление сообществом, Работа с API, Ключи доступа (с сообщениями и управлением сообществом)
the community's number: Manage community, page address, the digits after club
    номер сообщества: Управление сообществом, Адрес страницы, цифры после club
address of the VK API, the part before /method/
    адрес API ВКонтакте, часть до /method/
peer id of the managers' chat: 2000000000 + N, its address in the community ends in sel=cN
    номер беседы менеджеров: 2000000000 + N, её адрес в сообществе кончается на sel=cN
who may do everything: telegram:123,vk:456, numbers of accounts, with commas between
    кому можно всё: telegram:123,vk:456 — номера аккаунтов через запятую
sqlite+aiosqlite:///leads.db or postgresql+asyncpg://user:…@host/db
    sqlite+aiosqlite:///leads.db или postgresql+asyncpg://имя:…@адрес/база
folder of the flows and of business.yaml
    папка сценариев и business.yaml
where the pages listen; 0.0.0.0 for everybody, with a password
    для кого страницы: 127.0.0.1 — только для этого компьютера; 0.0.0.0 — для всех, с паролем
the port of the pages, health and metrics
    порт страниц, проверки здоровья и метрик
any long password: private pages ask for it. Required when WEB_HOST is not this machine alone
    любой длинный пароль: его спросят закрытые страницы. Нужен, если WEB_HOST впускает не только этот компьютер
messages a second in Telegram; 0 for no limit of ours
    сообщений в секунду в Telegram; 0 — без нашего предела
messages a minute into one Telegram group; 0 for none
    сообщений в минуту в одну группу Telegram; 0 — без предела
calls a second to VK; 0 for no limit of ours
    запросов в секунду к ВКонтакте; 0 — без нашего предела
console or json
    console или json
DEBUG, INFO, WARNING or ERROR
    DEBUG, INFO, WARNING или ERROR

flows: no folder {}; set FLOWS_DIR
    сценарии: папки {} нет; впишите верную в FLOWS_DIR
flows: every file is sound
    сценарии: все файлы в порядке
flows: {} errors: leadbot check
    сценарии: ошибок — {}; какие и где, покажет leadbot check
flows: {}
    сценарии: {}
database: none yet: the first run makes it
    база данных: её ещё нет, появится при первом запуске
database file: damaged ({}): keep it aside and put your last backup back
    файл базы: повреждён ({}); отложите его и верните последнюю копию
database: {}, not of this program's schema yet: run or migrate does it
    база данных: {}, ещё от прежней версии программы; её обновит leadbot run или leadbot migrate
database: {}
    база данных: {}
log of SQLite: SQLite {} is without the WAL-reset fault
    журнал SQLite: в SQLite {} нет ошибки WAL-reset
log of SQLite: SQLite {} has the WAL-reset fault, harmless while the bot writes alone; 3.51.3 is without it
    журнал SQLite: в SQLite {} есть ошибка WAL-reset; пока пишет один бот, она безвредна, в 3.51.3 её уже нет
published: version {}
    опубликовано: версия {}
published: nothing yet; run publishes by itself
    опубликовано: пока ничего; первый leadbot run опубликует сам
parked events: {}
    отложенные события: {}
database: does not answer ({}): look at DATABASE_URL
    база данных: не отвечает ({}); проверьте DATABASE_URL
telegram: off: TELEGRAM_TOKEN is empty
    telegram: выключен, TELEGRAM_TOKEN пуст
telegram: {}: look at TELEGRAM_TOKEN, TELEGRAM_API_URL, TELEGRAM_PROXY
    telegram: {}; проверьте TELEGRAM_TOKEN, TELEGRAM_API_URL, TELEGRAM_PROXY
telegram managers' chat: none: cards go to /desk; set TELEGRAM_MANAGERS_CHAT
    чат менеджеров в telegram: не задан, карточки придут на /desk; впишите TELEGRAM_MANAGERS_CHAT
vk: off: VK_TOKEN is empty
    vk: выключен, VK_TOKEN пуст
vk: community {}, rights and events are in order
    vk: сообщество {}, права и события в порядке
vk: {}: look at VK_TOKEN, VK_GROUP_ID and the key's rights
    vk: {}; проверьте VK_TOKEN, VK_GROUP_ID и права ключа
pages: {}, private ones behind a password
    страницы: {}, закрытые — под паролем
pages: {}, private ones for this machine only
    страницы: {}, закрытые — только для этого компьютера
"""

_TABLE = Catalogue(SENTENCES, script=re.compile("[A-Za-z]"))
russian, pairs = _TABLE.said, _TABLE.pairs
