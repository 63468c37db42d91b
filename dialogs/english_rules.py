"""What the rules tell, in English: a Russian line, and under it the English one. «{}» stands for the author's words."""

RULES = """
предупреждения «{}» здесь нет: подтверждать нечего
    there is no warning “{}” here: nothing to confirm
уберите его из confirmed
    take it out of confirmed
«{}» — ошибка: её не подтвердить
    “{}” is an error: errors cannot be confirmed
исправьте её и уберите из confirmed
    mend it and take it out of confirmed

«{}» ведёт за пределы папки сценариев
    “{}” leads out of the flows' folder
положите файл рядом, например consents/personal_data.md
    put the file beside the flow, for example consents/personal_data.md
«{}» — не .md
    “{}” is no .md
текст согласия лежит в файле .md
    the wording of a consent lives in a .md file
файла «{}» нет
    there is no file “{}”
создайте его: образец — в поставке, consents/personal_data.md
    make it: the shipped consents/personal_data.md is a sample
один текст на два согласия: реклама и обработка данных — разные документы
    one wording for two consents: advertising and processing of data are two documents
разделите их на два файла
    make two files of it
текст согласия длиннее {} знаков ({}): он не уместится в одно сообщение
    the consent text is longer than {} letters ({}): it will not fit into one message
сократите его
    shorten it
в тексте согласия ничего не подставляется
    nothing is filled in in a consent text
напишите всё словами
    write it all out
в согласии на обработку данных говорится о рекламе: это два разных согласия
    the consent to processing speaks of advertising: these are two consents
перенесите рекламу в её согласие
    move advertising to its own consent
в тексте согласия нет {}
    the consent text has no {}
имени оператора
    operator's name
адреса оператора
    operator's address
впишите как в business.yaml: {}
    write it as in business.yaml: {}
в тексте согласия не нашлось: {}
    the consent text lacks {}
допишите эту часть
    add this part
слова согласия («даю согласие», «соглашаюсь»)
    words of consent («даю согласие», «соглашаюсь»)
цели («Цели обработки: …»)
    the purposes («Цели обработки: …»)
перечень данных («Перечень данных: …»)
    the list of data («Перечень данных: …»)
действия с данными («сбор, хранение, …»)
    what is done with the data («сбор, хранение, …»)
получатели («Получатели: …» или «не передаются»)
    the recipients («Получатели: …» or «не передаются»)
срок («Срок: …»)
    the term («Срок: …»)
как отозвать («Как отозвать: …»)
    how to withdraw («Как отозвать: …»)
слова согласия («I give consent», «I agree to …»)
    words of consent (“I give consent”, “I agree to …”)
цели («Purposes: …»)
    the purposes (“Purposes: …”)
перечень данных («List of data: …»)
    the list of data (“List of data: …”)
действия с данными («Actions: collection, storage, …»)
    what is done with the data (“Actions: collection, storage, …”)
получатели («Recipients: …»)
    the recipients (“Recipients: …”)
срок («Term: …»)
    the term (“Term: …”)
как отозвать («How to withdraw: …»)
    how to withdraw (“How to withdraw: …”)
в согласии на рекламу нет слова «реклама»
    the consent to advertising lacks the word «реклама»
в согласии на рекламу нет слова «advertising»
    the consent to advertising lacks the word “advertising”
назовите, на что человек соглашается
    name what the person agrees to

напишите, например: telegram: [test_drive]
    write, for example: telegram: [test_drive]
шага «{}» в сценарии «{}» нет
    there is no step “{}” in the flow “{}”
напишите хотя бы один день: mon: "09:00-19:00"
    write at least one day: mon: "09:00-19:00"
«{}» — не ссылка
    “{}” is no link
напишите полностью, например https://example.ru/privacy
    write it in full, for example https://example.ru/privacy
no_foreign_messengers закрывает Telegram для клиентов, а сценарии там опубликованы
    no_foreign_messengers closes Telegram to prospects, and flows are published there
уберите telegram из published
    take telegram out of published
сценарий «{}» закрыт для {}: {}
    the flow “{}” is closed to {}: {}
уберите его отсюда; если вас это не касается — уберите {} из closed в {}
    take it out here; if this does not concern you, take {} out of closed in {}
сценарий «{}» уже есть: {}:{} и {}:{}
    there is a flow “{}” already: {}:{} and {}:{}
положите рядом его файл
    put its file here
сценарий «{}» нигде не опубликован
    the flow “{}” is published nowhere
добавьте его в published в business.yaml
    add it to published in business.yaml
в канале {} пришедшему без ссылки нечего показать
    in {} there is nothing to show to somebody who came without a link
опубликуйте там сценарий из start или впишите в start один из здешних
    publish a flow of start there, or put one of those that are there into start
в меню две одинаковые кнопки: «{}»
    the menu has two like buttons: “{}”
рабочий день кончается ({}) не позже, чем начинается ({})
    the working day ends ({}) no later than it begins ({})
поставьте часы по порядку; работаете через полночь — до 23:59
    put the hours in order; for work past midnight, until 23:59
сценарий «{}» лежит в файле с другим именем
    the flow “{}” is in a file of another name
слово «{}» бот понимает по-своему раньше сценариев
    the bot hears the word “{}” in its own way before flows do
слово «{}» открывает и «{}» ({}), и «{}»
    the word “{}” opens both “{}” ({}) and “{}”
сценария «{}» нет
    there is no flow “{}”
не опубликован ни один сценарий
    no flow is published
нет ни одного рабочего дня
    there is no working day
дайте одному из них другое имя
    give one of them another name
удалите лишний файл или дайте сценарию другое имя
    delete the file that is not needed, or give the flow another name
дайте сценариям разные title или уберите повтор
    give the flows different titles or take out the repeat
назовите файл {}.yaml
    call the file {}.yaml
уберите его или напишите подробнее
    take it out or write more
оставьте его одному сценарию
    leave it to one flow

значение «{}» уже есть у кнопки выше
    a button above has the value “{}” already
тёплый начинается с {}, а горячий — с {}
    warm begins at {}, and hot at {}
поставьте warm меньше hot, например warm: 30 и hot: 60
    set warm below hot, for example warm: 30 and hot: 60
баллы не могут зависеть от самих баллов
    points cannot depend on the points themselves
назовите ответ: score здесь ещё не посчитан
    name an answer: score is not counted yet here
в метках ссылок бывают только латинские буквы, цифры, «-» и «_»
    tags of links have only Latin letters, digits, “-” and “_”
это слово: больше и меньше бывает только у чисел
    this is a word: only numbers are greater or less
это «да» или «нет»: пишите просто «{}» или «not {}»
    this is yes or no: write just “{}” or “not {}”
здесь число: сравните с числом без кавычек
    this is a number: compare it with one, without quotes
поправьте сравнение: таких ответов здесь не бывает
    mend the comparison: there are no such answers here
проверьте and и or: одно и то же не бывает сразу двумя разными значениями
    look at and and or: one thing never has two values at once
уберите if или поправьте сравнение
    take out if or mend the comparison
это условие никогда не выполнится
    this condition will never hold
это условие выполняется всегда
    this condition always holds
если ни одно условие не выполнится, сказать будет нечего
    if no condition holds, there is nothing to say
добавьте последним текст без if: он прозвучит, если другие не подошли
    add a last text without if: it is said when no other fits
тексты ниже этого никогда не прозвучат: у него нет if
    the texts below will never be said: this one has no if
имя «{}» занято: оно значит другое в условиях
    the name “{}” is taken: it means something else in conditions
у «{}» один вариант: выбирать не из чего
    “{}” has one variant: there is nothing to choose from
вариант «{}» ни на что не влияет: его нет ни в одном условии
    the variant “{}” changes nothing: no condition names it
добавьте условие, например if: {} == "{}"
    add a condition, for example if: {} == "{}"
поставьте его последним
    put it last
назовите иначе, например {}_test
    call it otherwise, for example {}_test
добавьте второй: например {a: 50, b: 50}
    add a second one: for example {a: 50, b: 50}

набранное словами «{}» не отличить от «{}»
    typed in words, “{}” cannot be told from “{}”
назовите одну из кнопок иначе или дайте им words
    call one of the buttons otherwise or give them words
«{}» — слова и этой кнопки, и частого вопроса «{}»: здесь сработает кнопка
    “{}” stands for both this button and the side question “{}”: here it is the button
оставьте их кнопке или вопросу
    leave them to the button or to the question
«{}» значит и эту кнопку, и «{}»
    “{}” means both this button and “{}”
дайте кнопкам разные value
    give the buttons different values
назовите одну из них иначе
    call one of them otherwise

кнопки здесь — слова: больше и меньше бывает только у чисел
    the buttons here are words: only numbers are greater or less
такой шаг есть, но он ничего не спрашивает: условие смотрит на ответы
    there is such a step, but it asks nothing: a condition looks at answers
если это ответ, возьмите его в кавычки: "{}"
    if it is an answer, put it in quotes: "{}"
условие смотрит на ответы: назовите шаг с answer или choices
    a condition looks at answers: name a step with answer or choices
здесь отвечают словами: больше и меньше бывает только у чисел
    the answers here are words: only numbers are greater or less
ответ здесь — от {} до {}
    an answer here is from {} to {}
вопроса «{}» в сценарии нет
    there is no question “{}” in the flow
это вопрос с числом: сравните с числом без кавычек
    this question takes a number: compare it with one, without quotes
«{}» здесь ещё не спрошено
    “{}” is not asked yet here
у «{}» значение одно, искать в нём нечего
    “{}” has one value, there is nothing to look for in it
у «{}» не бывает значения {}
    “{}” never has the value {}
«{} {} {}» не бывает
    “{} {} {}” never holds
дайте кнопкам value
    give the buttons values
переставьте шаги или уберите условие
    reorder the steps or take out the condition
пишите, например: year >= 2020 and ends == "this_month"
    write, for example: year >= 2020 and ends == "this_month"
вместо «и», «или», «не» пишите and, or, not
    instead of «и», «или», «не» write and, or, not
текст берите в кавычки
    put words in quotes
условие не понято
    the condition is not understood
кавычки в условиях прямые: "текст"
    quotes in conditions are straight: "text"
в условии могут быть только имена шагов, числа, "текст", сравнения и and, or, not
    a condition may have only names of steps, numbers, "text", comparisons and and, or, not
условие длиннее {} букв
    the condition is longer than {} letters
разбейте его на несколько
    make several of it
для сравнения нужны два знака: «==»
    a comparison takes two signs: “==”
пишите словами: and, or, not
    write in words: and, or, not
слишком много скобок одна в другой
    too many brackets within brackets
условие пишется в одну строку, без обратной черты
    a condition is one line, without a backslash
условие пустое
    the condition is empty

начните, например, со «Здравствуйте!»
    begin, for example, with «Здравствуйте!»
в «{}» согласие на рекламу, а нужно здесь — на обработку данных
    “{}” is the consent to advertising, and the one to processing data is needed here
в «{}» согласие на обработку данных, а нужно здесь — на рекламу
    “{}” is the consent to processing data, and the one to advertising is needed here
«{}» осталось от образца
    “{}” is left from the sample
напишите здесь своё: это читают люди
    write your own here: people read this
поставьте {} или файл со своим текстом
    put {} or a file with a text of your own
напишите в нём перевод {}
    write the translation of {} in it
в первом сообщении нет ссылки на политику обработки данных
    the first message has no link to the policy
напишите строчными и без лишних знаков
    write it in small letters and without needless marks
«{}» люди увидят как есть: тексты уходят без разметки
    people will see “{}” as it stands: texts go out without markup
«{}» набрано от руки и скоро станет неправдой
    “{}” is typed by hand and will soon be untrue
подставьте настоящее: {{ steps_left }}; или не торопите
    put in the true one: {{ steps_left }}; or do not hurry people
подставьте настоящее: {{ offers.{}.left }}, {{ offers.{}.until }}; или не торопите
    put in the true one: {{ offers.{}.left }}, {{ offers.{}.until }}; or do not hurry people
«{}», а в других текстах — «вы»
    “{}”, and «вы» in other texts
обращайтесь везде одинаково, лучше на «вы»
    address people alike everywhere, better as «вы»
заявка есть, а спасибо за неё не сказано
    there is an application, and no thanks for it
поблагодарите на этом шаге или в конце
    say thanks at this step or at the end
«{}» стыдит того, кто отказывается
    “{}” shames somebody who declines
примите отказ спокойно и скажите, чем ещё можете помочь
    take it calmly and say how else you can help
первое сообщение не здоровается
    the first message does not greet
добавьте {{ policy }}
    add {{ policy }}
«{}» звучит как крик
    “{}” sounds like shouting
уберите разметку
    take out the markup

знак
    letter
знака
    letters
знаков
    letters
{}: кнопок {} (из них {} добавит бот), предел — {}
    {}: {} buttons ({} of them the bot adds), the limit is {}
{}: сообщение может вырасти до {}, предел — {}
    {}: the message may grow to {}, the limit is {}
{}: в тексте согласия {}, предел — {}
    {}: the consent text has {}, the limit is {}
{}: на кнопке {}, предел — {}
    {}: the button has {}, the limit is {}
{}: кнопки не помещаются в {} рядов по {}
    {}: the buttons do not fit into {} rows of {}
{}: в меню {} кнопок, предел — {}
    {}: the menu has {} buttons, the limit is {}
{}: приветствие длиннее {} знаков
    {}: the greeting is longer than {} letters
{}: название «{}» — {}, предел кнопки — {}
    {}: the title “{}” has {}, the limit of a button is {}
разделите вопрос на два
    make two questions of it
сократите или разделите на два шага
    shorten it or make two steps of it
сократите: он должен уместиться в одно сообщение
    shorten it: it must fit into one message
сократите надпись
    shorten the label
сократите надписи или их число
    shorten the labels or leave some out
оставьте главные
    leave the main ones
сократите
    shorten it
сократите title сценария
    shorten the title of the flow

поставьте kind: advertising (уйдёт только тем, кто согласился) или напишите о заявке человека
    say kind: advertising (it will go only to those who agreed) or write of the person's own request
добавьте stock: сколько промокодов всего; или own_codes: true, если загружаете свои
    add stock: how many codes there are; or own_codes: true, if you load your own
уберите stock: сколько кодов загружено, столько и есть
    take out stock: there are as many codes as were loaded
добавьте price: сколько она стоит обычно, например 2 500 ₽
    add price: what it costs otherwise, for example 2 500 ₽
добавьте valid (сколько действует, например 14 days) или until (последний день)
    add valid (how long it is good, for example 14 days) or until (the last day)
добавьте conditions: на что, кому, с какими оговорками
    add conditions: on what, for whom, with which reservations
срок предложения прошёл {}
    the offer ended on {}
поставьте новую дату или уберите предложение: промокоды по нему не выдаются
    set a new date or take the offer out: no codes are given for it
«{}» в служебном сообщении: напоминание о предложении — это реклама
    “{}” in a service message: a reminder of an offer is advertising
поставьте на шаге «application: {}» или уберите предложение
    say “application: {}” at a step or take the offer out
предложение «{}» никто не получит
    nobody will get the offer “{}”
у промокода нет запаса
    the promo code has no stock
у своих промокодов запас не задают
    codes of your own take no stock
не названа цена консультации
    the price of the consultation is not named
у предложения нет срока
    the offer has no term
у предложения нет условий
    the offer has no conditions
счётчик «{}» ничего не считает: у предложения нет stock
    the counter “{}” counts nothing: the offer has no stock
«code.until» пусто: у предложения нет ни valid, ни until
    “code.until” is empty: the offer has neither valid nor until
«{}» в служебном сообщении похоже на рекламу
    “{}” in a service message looks like advertising
«{}» пусто: у предложения нет {}
    “{}” is empty: the offer has no {}
добавьте stock или уберите счётчик
    add stock or take out the counter
добавьте срок или уберите имя из текста
    add a term or take the name out of the text
добавьте {} или уберите имя из текста
    add {} or take the name out of the text

имя
    a name
телефон
    a phone
почту
    an e-mail
город
    a city
ответ своими словами
    an answer in one's own words
поставьте раньше шаг с «consent: personal_data», чтобы ни один путь его не обходил
    put a step with “consent: personal_data” before it, so that no path goes around it
после заявки разговор дойдёт до шага «{}», а он для тех, кто не дал согласия
    after the application the dialog comes to the step “{}”, which is for those who gave no consent
поставьте «go: end» в шаг «{}»
    put “go: end” into the step “{}”
до шага «{}» никто не дойдёт: ни один шаг к нему не ведёт
    nobody will come to the step “{}”: no step leads there
поставьте где-нибудь «go: {}» или уберите шаг
    say “go: {}” somewhere or take the step out
с шага «{}» нет пути дальше: все кнопки только зовут человека
    there is no way on from the step “{}”: all buttons only call a person
добавьте кнопку, которая ведёт дальше (go), или answer
    add a button that leads on (go), or answer
«{}» спрашивает {} раньше согласия на обработку данных
    “{}” asks {} before the consent to processing
до заявки можно дойти без согласия на обработку данных
    the application can be reached without the consent to processing
до заявки можно дойти без {}
    the application can be reached without {}
{} и без {}
    {} and without {}
имени
    a name
телефона или почты
    a phone or an e-mail
спросите раньше (answer: name, answer: phone) — без optional и на каждом пути
    ask it earlier (answer: name, answer: phone), without optional and on every path
шага «{}» в этом сценарии нет
    there is no step “{}” in this flow
круг без вопроса: «{}» снова приводит к «{}», и бот не остановится
    a circle without a question: “{}” leads to “{}” again, and the bot will not stop
поставьте на этом пути вопрос или go: end
    put a question or go: end on this path
после шага «{}» разговор ходит по кругу и не может закончиться
    after the step “{}” the conversation goes in circles and cannot end
дайте где-нибудь выход: go: end
    give a way out somewhere: go: end

похоже на токен или пароль
    this looks like a token or a password
уберите его и смените: токены и пароли хранятся в .env или в окружении
    take it out and change it: tokens and passwords live in .env or in the environment

добавьте say, ask, consent или application
    add say, ask, consent or application
перенесите say в отдельный шаг перед этим
    move say to a step of its own before this one
добавьте answer (text, number, date, phone…) или choices; если это не вопрос, напишите say
    add answer (text, number, date, phone…) or choices; if it is no question, write say
поставьте consent или уберите refused
    add consent or take out refused
для согласия «{}» нет текста
    there is no wording for the consent “{}”
добавьте в consent сценария строку «{}: consents/…md»
    add a line “{}: consents/…md” to the consent of the flow
не сказано, что делать, если согласия не дали
    it is not said what to do when the consent is refused
добавьте «refused: имя_шага» — шаг, который поможет и без данных
    add “refused: step”, a step that helps without data
предложения «{}» в offers нет
    there is no offer “{}” in offers
добавьте say: что человек получил и что будет дальше
    add say: what the person got and what comes next
«unit» бывает только у числа
    only numbers have “unit”
«{}» бывает только у числа, дня, оценки и нескольких кнопок
    only numbers, days, marks and several choices have “{}”
«within» бывает только у дня с часом
    only a day with an hour (time) has “within”
уберите или поставьте type: time; call_time и так держится рабочих часов
    remove it or put type: time; call_time keeps within working hours anyway
граница дня не может быть «{}»
    the bound of a day cannot be “{}”
напишите today, дату "2027-06-30" или срок: 1 year
    write today, a date "2027-06-30" or a span: 1 year
граница числа не может быть «{}»
    the bound of a number cannot be “{}”
напишите число или this_year (текущий год)
    write a number or this_year (the current year)
граница здесь — число, а не «{}»
    the bound here is a number and not “{}”
напишите число
    write a number
оценка от {} до {} не годится
    a mark from {} to {} will not do
оценка — от 0 до {}, и to больше from; без них — от 1 до 5
    a mark is from 0 to {}, and to is more than from; without them it is from 1 to 5
с {} по {} — такого дня нет
    from {} to {} there is no day
выбирать не из чего: у вопроса нет кнопок с ответами
    there is nothing to choose from: the question has no buttons with answers
добавьте choices: label каждой — ответ
    add choices: the label of each is an answer
кнопок {}, а «{}» — {}
    there are {} buttons, and “{}” is {}
напишите число от 1 до {}
    write a number from 1 to {}
кнопка из нескольких никуда не ведёт: выбрать могут и другие
    a button among several leads nowhere: others may be chosen too
уберите go у кнопки, а в go шага поставьте ветку с {}
    take out the button's go, and put a branch into the step's go with {}
ответ — да или нет: напишите просто {} или not {}
    the answer is yes or no: write just {} or not {}
выбрать могут несколько: напишите "{}" not in {}
    several may be chosen: write "{}" not in {}
выбрать могут несколько: напишите "{}" in {}
    several may be chosen: write "{}" in {}
оценка — это число: сравните с числом без кавычек
    a mark is a number: compare it with a number without quotes
оценка здесь — от {} до {}
    the mark here is from {} to {}
напишите день так: "{}"
    write the day so: "{}"
время звонка — "now" (сейчас), "any" (любое) или день: "2026-12-15"
    the time of a call is "now", "any" or a day: "2026-12-15"
уберите или поставьте type: number
    take it out or say type: number
от {} до {} — такого числа нет
    from {} to {}: there is no such number
поменяйте from и to местами
    exchange from and to
не сказано, зачем спрашиваем «{}»
    it is not said why “{}” is asked
добавьте purpose: одной фразой, например «чтобы позвонить вам». Человек её увидит
    add purpose: one phrase, for example «чтобы позвонить вам»; the person will see it
«{}»: такие сведения закон защищает особо, здесь их лучше не собирать
    “{}”: the law guards such data more strictly; better not gather them here
спросите только то, без чего не обойтись
    ask only what you cannot do without
шаг «{}» уже есть: строка {} и строка {}
    there is a step “{}” already: line {} and line {}
имя «{}» занято: оно значит другое в текстах, условиях или переходах
    the name “{}” is taken: it means something else in texts, conditions or jumps
назовите шаг иначе, например {}_step
    call the step otherwise, for example {}_step
согласие показывается одно, без «{}»
    a consent is shown alone, without “{}”
перенесите это в соседний шаг
    move this to a step beside it
опишите его в offers или напишите «application: true»
    describe it in offers or write “application: true”
шаг с application не ждёт ответа: «{}» здесь лишнее
    a step with application waits for no answer: “{}” is out of place
перенесите вопрос в свой шаг
    move the question to a step of its own
ветки ниже этой никогда не сработают: у неё нет if
    the branches below will never be taken: this one has no if
поставьте её последней
    put it last
добавьте reason: за что баллы — словами для менеджера
    add reason: what the points are for, in words for managers
добавьте score или уберите reason
    add score or take out reason
баллы без причины
    points without a reason
причина есть, а баллов нет
    there is a reason and no points
у кнопки и go, и do: сработает только do
    the button has go and do: only do will work
оставьте одно
    leave one of them
надпись пуста
    the label is empty
напишите, что на кнопке
    write what stands on the button
ответы предлагаются дольше, чем действует согласие: «{}»
    answers are offered for longer than the consent lasts: “{}”
напишите срок не больше этого: {}
    write a span no longer than this: {}
на этом шаге никто не ждёт ответа: молчать здесь нельзя
    nobody is asked at this step: nobody can be silent here
перенесите silence к вопросу или уберите
    move silence to a question or take it out
«{}» — не вопрос о дате: напоминать не о чем
    “{}” is no question for a date: there is nothing to remind of
назовите шаг с answer: date или time
    name a step with answer: date or time
нужно одно из двух: before (до даты) или after (после неё)
    one of the two is needed: before (the date) or after (it)
например: before: 1 day
    for example: before: 1 day
правила молчания идут по возрастанию, а это не позже предыдущего
    silence rules go from sooner to later, and this is no later than the former
поставьте больший срок или поменяйте местами
    set a longer time or exchange them
после mark: cold лид остыл, и правила ниже не сработают
    after mark: cold the lead is cold, and the rules below will not work
поставьте это правило последним
    put this rule last
реклама без согласия на неё: это сообщение никому не уйдёт
    advertising without a consent to it: this message will go to nobody
добавьте шаг с «consent: advertising»; после заявки он поможет лишь с теми, кто придёт снова
    add a step with “consent: advertising”; after the application it helps only with those who come again
в рекламе не сказано, как от неё отказаться: бот допишет строку сам, но ваша будет лучше
    the advertisement does not say how to stop it: the bot will add a line, but yours is better
допишите, например: «Не хотите таких сообщений — напишите «стоп»»
    add, for example: «Не хотите таких сообщений — напишите «стоп»»
шаг «{}» ничего не делает
    the step “{}” does nothing
say и ask в одном шаге: say не будет показан
    say and ask in one step: say will not be shown
вопрос задан, а ответа не ждём
    there is a question and no answer is awaited
ответа ждём, а вопрос не задан
    an answer is awaited and nothing is asked
добавьте ask
    add ask
refused без consent ничего не значит
    refused means nothing without consent
заявка оформлена, а человеку ничего не сказано
    the application is made and the person is told nothing
правило ничего не делает
    the rule does nothing
добавьте say или mark: cold
    add say or mark: cold

значения в {{ }} подставляются в say, ask и ответы на частые вопросы; здесь люди увидят скобки
    values in {{ }} are put into say, ask and answers of side questions; here people will see the brackets
образцы — в docs/flows.ru.md
    see the samples in docs/flows.md
поставьте «|» после двоеточия и начните текст со следующей строки
    put “|” after the colon and begin the text on the next line
текст в несколько строк без «|» склеится в одну
    a text of several lines without “|” is glued into one
«{{» в тексте без «|»: стоит поставить его в начало, и файл не прочитается
    “{{” in a text without “|”: at its beginning it would make the file unreadable
длинный текст без «|»: первое же двоеточие или «#» его испортит ({} знаков)
    a long text without “|”: the first colon or “#” will spoil it ({} letters)
«{}» здесь ещё не спрошено: этот шаг идёт раньше вопроса
    “{}” is not asked yet here: this step comes before the question
промокода здесь ещё нет: он выдаётся на шаге с application
    there is no code here yet: the step with application gives it
всё после «#» YAML считает примечанием: людям уйдёт «{}»
    YAML takes everything after “#” for a remark: people will get “{}”
если это текст, начните его с «|» на следующей строке; если примечание — перенесите строкой выше
    if it is text, begin it with “|” on the next line; if a remark, move it one line up
напишите текст целиком
    write the text in full
уберите имя или переставьте шаги
    take out the name or reorder the steps
покажите его на том шаге или позже
    show it at that step or later

review сам показывает ответы и спрашивает
    review shows the answers and asks by itself
шаг с part только ведёт в часть
    a step with part only leads into the part
назовите это say: слова над ответами
    call it say: words above the answers
{}: «{}» здесь лишнее
    {}: “{}” has no place here
части «{}» в parts нет
    there is no part “{}” in parts
опишите её в parts
    describe it in parts
часть «{}» проходит через саму себя
    the part “{}” goes through itself
уберите этот шаг; если часть нужно пройти ещё раз, вернитесь в её начало через go
    take out this step; to go through the part once more, come back to its beginning by go
return бывает только внутри части
    return stands only within a part
назовите шаг, на который идти, или end
    name the step to go to, or end
шаг «{}» — внутри части «{}», прыгнуть туда нельзя
    the step “{}” is within the part “{}”: one cannot jump there
поставьте шаг с «part: {}» и ведите на него
    make a step with “part: {}” and lead there
шаг «{}» в сценарии есть: прежним именем «{}» он быть не может
    there is a step “{}” in this flow: it cannot be the former name of “{}”
уберите это имя или переименуйте тот шаг
    take out this name or rename that step
прежнее имя «{}» есть и у шага «{}»
    the former name “{}” is that of the step “{}” too
оставьте его у того шага, который спрашивает то же
    leave it with the step that asks the same
value «{}» у кнопок есть: прежним оно быть не может
    the buttons have the value “{}”: it cannot be a former one
уберите его или смените value той кнопки
    take it out or give that button another value
прежнее value «{}» есть и у кнопки выше
    the former value “{}” is that of a button above too
оставьте его у одной
    leave it with one of them
часть «{}» никто не зовёт
    nothing calls the part “{}”
поставьте где-нибудь шаг с «part: {}» или уберите часть
    put a step with “part: {}” somewhere, or take out the part
слово пусто
    the word is empty
напишите, как об этом спрашивают
    write how people ask it
«{}» значит и этот вопрос, и один из вопросов выше
    “{}” means this question and one of those above
оставьте это слово у одного из них
    leave this word with one of them
jpg, png или webp
    jpg, png or webp
pdf, docx, xlsx или pptx
    pdf, docx, xlsx or pptx
картинки
    a picture
картинка
    a picture
документа
    a document
документ
    a document
фото
    a photo
файл
    a file
место на карте
    a place on the map
положите файл рядом со сценарием и напишите путь от этой папки, например pictures/kasko.jpg
    put the file beside the flow and write its path from that folder, for example pictures/kasko.jpg
положите его в папку сценариев; путь пишут от неё, например pictures/kasko.jpg
    put it into the flows' folder; the path starts there, for example pictures/kasko.jpg
«{}» — вне папки сценариев
    “{}” is outside the flows' folder
«{}» — не {}
    “{}” is no {}
возьмите файл {}
    take a {} file
в файле «{}» не {}: по содержимому это не {}
    the file “{}” is not {}: by its content it is no {}
файл «{}» назван не тем, что в нём: внутри {}
    the file “{}” is not what it is called: inside is {}
картинка «{}» испорчена: не видно её размеров
    the picture “{}” is damaged: its size cannot be seen
«{}» больше {} МБ
    “{}” is larger than {} MB
уменьшите файл
    make the file smaller
сохраните его заново в нужном формате
    save it anew in the right format
назовите его с окончанием .{}
    give its name the ending .{}
сохраните её заново
    save it anew
{}: «{}» — {} МБ, предел — {} МБ
    {}: “{}” has {} MB, the limit is {} MB
{} не берёт картинки {}
    {} takes no {} pictures
сохраните её как {}
    save it as {}
{}: картинка {} точек слишком велика
    {}: the picture of {} pixels is too large
уменьшите её: стороны вместе — не больше {} точек
    make it smaller: both sides together have at most {} pixels
{}: картинка {} точек слишком вытянута
    {}: the picture of {} pixels is too long
обрежьте её: одна сторона длиннее другой не больше чем в {} раз
    cut it: one side is at most {} times as long as the other
{}: прислать файл там нельзя, и дальше этого вопроса никто не пройдёт
    {}: no file can be sent there, and nobody gets past this question
добавьте optional: true или не публикуйте там этот сценарий
    add optional: true, or do not publish this flow there
у {} нет слов
    {} has no words
добавьте say: хотя бы строку о том, что это
    add say: a line at least on what it is

«pause» бывает только там, где отвечают словами: кнопка, фото и место читаются сразу
    “pause” is only for answers in words: a button, a photo and a place are read at once
уберите pause
    take pause out
этот перевод уже есть в файле {}
    this translation is in the file {} already
оставьте один файл
    keep one file
в сценарии нет «{}», переводить нечего
    the flow has no “{}”: there is nothing to translate
по-русски здесь текстов: {}
    texts here in Russian: {}
переведите столько же, по порядку
    translate as many, in the same order
в русском тексте есть «{}», а в переводе нет
    the Russian text has “{}”, and the translation has not
впишите и сюда
    put it here too
«{}» осталось по-русски
    “{}” is left in Russian
переведите; если это имя или адрес и так задумано — допишите {} в confirmed
    translate it; if it is a name or an address and meant so, add {} to confirmed
не переведено текстов: {}; их скажут по-русски
    texts without a translation: {}; they will be said in Russian
переведите или подтвердите: {}
    translate them or confirm: {}
«{}» — не код языка
    “{}” is no code of a language
напишите две строчные латинские буквы, например en
    write two small Latin letters, such as en
русский текст стоит в самом сценарии
    the Russian text is in the flow itself
назовите другой язык, например en
    name another language, such as en
посмотрите пример в docs/flows.md
    see the example in docs/flows.md
"""
