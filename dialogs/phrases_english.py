"""What the bot says by itself, in English: a Russian line, and under it the English one, as with problems."""

PHRASES = """
согласен
    I agree
не согласен
    I do not agree
всё верно
    All correct
исправить
    Change
пропустить
    Skip
позвать менеджера
    Call a manager
продолжить
    Go on
оставить как есть
    Leave as it is
другие ответы
    Other answers
начать заново
    Start over
готово
    Done
сейчас
    Now
в любое время
    Any time

чтобы записать эти сведения, мне сначала нужно ваше согласие. Посмотрите, пожалуйста:
    before I write this down, I need your consent. Please have a look:
пока вы читали, текст согласия обновился. Ваш ответ записан; посмотрите, пожалуйста, новую редакцию:
    the consent was updated while you were reading. Your answer is recorded; please look at the new wording:
ответьте, пожалуйста, кнопкой под текстом — так ваш выбор будет записан точно
    please answer with a button under the text, so that your choice is recorded exactly
хорошо, ничего не записываю. Если передумаете, напишите «заново»
    all right, I write nothing down. Should you change your mind, type “start over”
проверьте, пожалуйста, номер: {}. Всё верно?
    please check the number: {}. Is it correct?
проверьте, пожалуйста: {}. Всё верно?
    please check: {}. Is it correct?
это ваш номер — {}?
    is {} your number?
проверьте, пожалуйста:
    please check:
всё верно?
    is everything correct?
что исправить?
    what shall we change?
пока исправлять нечего
    there is nothing to change yet
сейчас записано: {}
    written down now: {}
записал
    noted
исправить «{}» на «{}»?
    change “{}” to “{}”?
в прошлый раз вы ответили: «{}». Так и оставить?
    last time you answered: “{}”. Shall we keep that?
да, оставить
    Yes, keep it
изменить
    Change
мы немного обновили вопросы; всё, что вы уже ответили, на месте. Продолжим отсюда:
    we have updated our questions a little; all your answers are kept. Let us go on from here:
эта кнопка из прошлого вопроса. Продолжим отсюда:
    that button belongs to an earlier question. Let us go on from here:
этот разговор уже завершён
    this conversation is over
выберите, пожалуйста, один из вариантов — кнопкой или словами
    please choose one of the options, with a button or in words
выберите, пожалуйста, один вариант или несколько — кнопками или словами
    please choose one option or several, with buttons or in words
уточните, пожалуйста, что вы имели в виду:
    please tell me which one you mean:
например: {}
    for example: {}
пример: {}
    example: {}
на этот вопрос вернее ответит менеджер: могу позвать. Или продолжим:
    a manager will answer this better: I can call one. Or let us go on:
похоже, у нас не получается. Могу позвать менеджера, он поможет. Или попробуйте ещё раз:
    this does not seem to work. I can call a manager to help you. Or please try again:
позвал менеджера. {} Пишите прямо сюда — я всё передам
    I have called a manager. {} Write here, and I will pass everything on
передал менеджеру
    I have passed it on to the manager
заявка уже у менеджера. Если нужно что-то исправить, напишите прямо сюда — я передам
    the manager has your request. If something is to be changed, write here, and I will pass it on
мы в самом начале, дальше назад некуда
    we are at the very beginning, there is nothing to go back to
мы уже обо всём поговорили. Хотите начать заново или позвать менеджера?
    we have talked about everything. Would you like to start over or to call a manager?
заявка принята! Промокоды, к сожалению, уже закончились — менеджер подскажет, что можно сделать. {}
    your request is accepted! Sadly, the promo codes have run out; the manager will tell you what can be done. {}
заявка принята! Предложение, к сожалению, закончилось {} — менеджер подскажет, что можно сделать. {}
    your request is accepted! Sadly, the offer ended on {}; the manager will tell you what can be done. {}
это предложение уже закончилось
    this offer is already over
не хотите получать такие сообщения — напишите «стоп»
    if you do not want such messages, type “stop”

менеджер ответит {}
    a manager will reply {}
сейчас мы не работаем, менеджер ответит {} после {}
    we are closed now; a manager will reply {} after {}
в ближайшее время
    soon
в течение {} минут
    within {} minutes
в течение {} минуты
    within {} minutes
в течение минуты
    within a minute
в течение получаса
    within half an hour
в течение часа
    within an hour
в течение {} часов
    within {} hours
в течение дня
    within the day
в течение рабочего дня
    within the working day
в течение {} дней
    within {} days
менеджер
    manager
консультант
    consultant
специалист
    specialist
администратор
    administrator
оператор
    operator

здравствуйте!
    hello!
пожалуйста!
    you are welcome!

стикер хорош! Но мне нужен ответ словами или кнопкой
    nice sticker! But I need an answer in words or with a button
голосовые я пока не понимаю. Напишите, пожалуйста, словами
    I do not understand voice messages yet. Please write it in words
видео я пока не понимаю. Напишите, пожалуйста, словами
    I do not understand videos yet. Please write it in words
спасибо за фото! Здесь мне нужен ответ словами или кнопкой
    thank you for the photo! Here I need an answer in words or with a button
спасибо! Номер телефона пригодится чуть позже
    thank you! Your number will be needed a little later
не вижу в сообщении слов. Напишите, пожалуйста, ещё раз
    I see no words in this message. Please write again
такое сообщение я пока не понимаю. Ответьте, пожалуйста, словами или кнопкой
    I do not understand such messages yet. Please answer in words or with a button

имя
    Name
телефон
    Phone
почта
    E-mail
когда звонить
    When to call
город
    City
фото
    Photo
файл
    File
место
    Place
вложение
    Attachment
видео
    Video
аудио
    Audio
видеосообщение
    Video message
голосовое сообщение
    Voice message
стикер
    Sticker
место на карте
    Place on the map
приложено
    attached
приложено ({})
    attached ({})
фото ({})
    Photo ({})
файл «{}»
    File “{}”

напишите, пожалуйста, ответ словами
    please write the answer in words
ответьте, пожалуйста: да или нет?
    please answer: yes or no?
напишите, пожалуйста, как к вам обращаться. Пример: Анна
    please write how to address you. Example: Anna
достаточно имени, как к вам обращаться. Пример: Анна
    just the name by which to address you is enough. Example: Anna
на вопросы ответим обязательно. А пока напишите, пожалуйста, как к вам обращаться. Пример: Анна
    we will surely answer your questions. Meanwhile, please write how to address you. Example: Anna
телефон спросим отдельно. Как к вам обращаться? Пример: Анна
    we will ask for the phone later. How may we address you? Example: Anna
похоже, это не телефон
    this does not look like a phone number
кажется, в номере не хватает цифр: нужен номер целиком, с кодом
    some digits seem to be missing: please write the whole number, with its code
кажется, в номере не хватает одной цифры. Проверьте, пожалуйста
    one digit seems to be missing. Please check
кажется, в номере лишние цифры. Проверьте, пожалуйста
    there seem to be too many digits. Please check
это бесплатная линия, на неё не перезвонить. Напишите, пожалуйста, свой номер
    this is a toll-free line, it cannot be called back. Please write your own number
не получается узнать код страны. Напишите номер с плюсом, например +375 29 123-45-67
    I cannot tell the country code. Please write the number with a plus, for example +375 29 123-45-67
вижу два номера. Записать {}?
    I see two numbers. Shall I write down {}?
{}, доб. {}
    {}, ext. {}
похоже, это не адрес почты
    this does not look like an e-mail address
кажется, в адресе не хватает знака @
    the address seems to lack the sign @
в адресе что-то не так. Проверьте, пожалуйста
    something is wrong with the address. Please check
возможно, {}?
    perhaps {}?
напишите, пожалуйста, название города. Например: Тверь
    please write the name of the city. For example: Tver
достаточно названия города. Например: Тверь
    the name of the city is enough. For example: Tver
вы про {}?
    do you mean {}?
напишите, пожалуйста, одно число
    please write one number
нужно целое число
    a whole number is needed
напишите, пожалуйста, числом
    please write a number
нужно число не меньше {}
    the number must be {} or more
нужно число не больше {}
    the number must be {} or less
нужно число от {} до {}
    the number must be from {} to {}
записать {}?
    shall I write down {}?
поставьте, пожалуйста, оценку от {} до {}
    please give a mark from {} to {}
какую оценку поставить?
    which mark do you give?
поставить {} из {}?
    shall I put {} of {}?

напишите, пожалуйста, день
    please write a day
какой день вы имеете в виду?
    which day do you mean?
в какой день вам удобнее?
    which day suits you better?
в какой день недели?
    which day of the week?
какое это число?
    which date is that?
какого числа? Напишите, например: {}
    on which date? Write, for example: {}
нужен день с {} по {}
    the day must be from {} to {}
нужен день не раньше {}
    the day must be {} or later
нужен день не позже {}
    the day must be {} or earlier
{}. Верно?
    {}. Is that right?
напишите, пожалуйста, день и час
    please write the day and the hour
это время уже прошло
    this time has passed already
{}. В какое время?
    {}. At what time?
в какое время вам удобно?
    what time suits you?
какие день и час вам подойдут?
    which day and hour suit you?
{}, мы не работаем
    {}, we are closed
{}, мы работаем с {} до {}
    {}, we are open from {} to {}
когда вам позвонить? Например: завтра после 15
    when shall we call you? For example: tomorrow after 15:00
сейчас мы не работаем
    we are closed now
в эти дни мы не работаем
    we are closed on these days
когда вам удобнее?
    when does it suit you?

отмечено: {}. Можно добавить ещё или нажать «Готово»
    ticked: {}. You can add more or press “Done”
отмечено: {}. Если всё верно, нажмите «Готово»
    ticked: {}. If that is all, press “Done”
отмечено: {}
    ticked: {}
пока ничего не отмечено. Выберите один вариант или несколько
    nothing is ticked yet. Choose one option or several
можно выбрать не больше {} варианта
    you can choose {} option at most
можно выбрать не больше {} вариантов
    you can choose {} options at most
снимите лишнее или нажмите «Готово»
    take some off or press “Done”
нужно отметить не меньше {} вариантов
    please tick at least {} options
отметьте, пожалуйста, хотя бы один вариант
    please tick at least one option
не нашёл «{}» среди вариантов
    I did not find “{}” among the options
ничего
    nothing
пришлите, пожалуйста, фото: его можно снять или выбрать, нажав на скрепку
    please send a photo: take or choose one with the paper clip
пришлите, пожалуйста, файл или фото: их можно выбрать, нажав на скрепку
    please send a file or a photo: choose one with the paper clip
пришлите, пожалуйста, место на карте: скрепка, «Геопозиция». Можно и координаты: 55.7558, 37.6173
    please send a place on the map: paper clip, “Location”. Coordinates will do too: 55.7558, 37.6173
"""

OUTSIDE_FLOWS = """
отвечайте кнопками или словами. «Назад» — к прошлому вопросу, «заново» — с начала, «менеджер» — позвать человека, \
«мои данные» — что мы о вас храним, «стоп» — больше не писать первыми
    answer with buttons or in words. “Back” goes to the former question, “start over” begins anew, “manager” calls \
a person, “my data” tells what we keep about you, “stop” ends messages that you did not ask for
сейчас с вами говорит менеджер: пишите, я всё передам. Или вернёмся к вопросам?
    a manager is talking to you now: write, and I will pass everything on. Or shall we return to the questions?
вернуться к вопросам
    Back to the questions
я снова на связи. Продолжим:
    I am back. Let us go on:
я снова на связи. Если понадобится менеджер, напишите «менеджер»
    I am back. If you need a manager, type “manager”
менеджер пока не смог ответить — вопрос у него, он вернётся к вам. А мы можем продолжить:
    the manager could not answer yet; they have your question and will come back to you. Meanwhile we can go on:
вы уже начали отвечать. Продолжим с того же места или начнём заново?
    you have already begun to answer. Shall we go on from the same place or start over?
ваша заявка уже у нас. Хотите оставить ещё одну или позвать менеджера?
    we have your request. Would you like to make another one or to call a manager?
ещё одна заявка
    Another request
как мы бережём ваши данные: {}
    how we protect your data: {}
к сожалению, в этом мессенджере мы не можем принимать обращения. Наши контакты — на сайте: {}
    sadly, we cannot take requests in this messenger. Our contacts are on the site: {}
спасибо, что написали! Об этом мы говорим {}: напишите нам, пожалуйста, там
    thank you for writing! We talk about this {}: please write to us there
в Telegram
    in Telegram
вКонтакте
    in VK
на нашем сайте
    on our site
в Telegram и ВКонтакте
    in Telegram and in VK
в Telegram и на нашем сайте
    in Telegram and on our site
вКонтакте и на нашем сайте
    in VK and on our site
простите, у меня что-то не получилось. Я сообщил об этом коллегам. Попробуйте, пожалуйста, написать ещё раз
    sorry, something went wrong on my side. I have told my colleagues. Please try to write again

хорошо, больше не будем писать вам первыми. Чтобы вернуться к разговору, напишите «продолжить»
    all right, we will not write to you first any more. To return to the conversation, type “continue”
хорошо, больше не будем писать вам первыми. Ваша заявка при этом остаётся в работе: менеджер ответит по ней. Чтобы \
вернуться к разговору, напишите «продолжить»
    all right, we will not write to you first any more. Your request stays in work: a manager will answer it. To \
return to the conversation, type “continue”
удалить всё, что мы о вас храним: контакты, ответы, заявки? Вернуть их будет нельзя
    delete everything that we keep about you: contacts, answers, requests? They cannot be brought back
удалить всё, что мы о вас храним: контакты, ответы, заявки? Вернуть их будет нельзя, и менеджер по вашей заявке уже \
не свяжется
    delete everything that we keep about you: contacts, answers, requests? They cannot be brought back, and no \
manager will get in touch about your request
да, удалить всё
    Yes, delete everything
нет, оставить
    No, keep it
готово, ваши данные удалены, больше мы вам не напишем. Захотите вернуться — просто напишите нам
    done, your data are deleted, and we will not write to you any more. Should you wish to return, just write to us
согласие отозвано: обработку ваших данных мы прекратили, сами данные удалили и больше вам не напишем. Захотите \
вернуться — просто напишите нам
    your consent is withdrawn: we have stopped processing your data, deleted them and will not write to you any \
more. Should you wish to return, just write to us
действующих согласий у нас от вас нет. Всё, что оставалось от этого разговора, удалено, больше мы вам не напишем
    we hold no consent of yours. All that was left of this conversation is deleted, and we will not write to you \
any more
ваших данных у нас уже нет
    we have none of your data any more
хорошо, всё остаётся как есть
    all right, everything stays as it is

личных данных о вас мы не храним. Есть только номер вашего чата, чтобы отвечать, и место, на котором остановился \
разговор
    we keep no personal data about you. There is only the number of your chat, to answer you, and the place where \
the conversation stopped
личных данных о вас мы не храним. Есть только номер вашего чата, чтобы отвечать, и место, на котором остановился \
разговор с вашими ответами на вопросы без личных данных
    we keep no personal data about you. There is only the number of your chat, to answer you, and the place where \
the conversation stopped, with your answers to questions that are not personal
вот что мы о вас храним. Всё это вы сообщили нам сами
    this is what we keep about you. You told us all of it yourself
вКонтакте: чат {}
    VK: chat {}
telegram: чат {}
    Telegram: chat {}
сайт: чат {}
    Site: chat {}
заявка № {} от {}: {}
    request No. {} of {}: {}
заявка № {} «{}» от {}: {}
    request No. {} “{}” of {}: {}
вы начали отвечать
    you have begun to answer
принята
    accepted
у менеджера
    with a manager
ждёт вашего ответа
    waits for your answer
завершена
    completed
закрыта
    closed
зачем
    purpose
вместо ответа
    instead of an answer
промокод: {}
    promo code: {}
промокод: {}, действует до {}
    promo code: {}, valid until {}
откуда вы пришли: {}
    where you came from: {}
согласие на обработку персональных данных: {}
    consent to the processing of personal data: {}
согласие на рекламные сообщения: {}
    consent to advertising messages: {}
дано {}
    given {}
не дано {}
    not given {}
отозвано {}
    withdrawn {}
оператор: {}
    operator: {}
политика: {}
    policy: {}
удалить всё: напишите «удалите мои данные». Отозвать согласие: «отзываю согласие». Исправить: «менеджер»
    to delete everything, type “delete my data”. To withdraw the consent: “withdraw my consent”. To correct \
something: “manager”
"""
