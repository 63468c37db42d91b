"""What the reading of files tells, in English: a Russian line, and under it the English one, as in the rules."""

READING = """
предупреждение
    warning
возможно, вы имели в виду «{}»
    did you mean “{}”?
известные: {}
    known: {}
можно: {}
    possible: {}
{} Можно: {}
    {} Possible: {}

имя «{}» не годится
    the name “{}” will not do
строчные латинские буквы, цифры и «_», первая — буква, до 32 знаков: например hello_2
    small Latin letters, digits and “_”, a letter first, up to 32: for example hello_2
добавьте строку «{}: …»
    add a line “{}: …”
добавьте строку «{}: …». {}
    add a line “{0}: …”
не хватает ключа «{}»
    the key “{}” is missing
здесь нужен текст, а {} без кавычек читается как {}
    text is needed here, and {} without quotes reads as {}
да или нет
    yes or no
дата
    a date
число
    a number
это
    this
здесь
    here
здесь нужен текст, а не {}
    text is needed here, and not {}
вложенные ключи
    nested keys
список
    a list
начните текст с «|» на следующей строке
    begin the text with “|” on the next line
начните текст с «|» на следующей строке или возьмите в кавычки
    begin the text with “|” on the next line or put it in quotes
начните текст с «|» на следующей строке или возьмите его в кавычки
    begin the text with “|” on the next line or put it in quotes
здесь нужно целое число, а не «{}»
    a whole number is needed here, and not “{}”
напишите цифрами, без кавычек и пробелов
    write it in digits, without quotes and blanks
здесь нужно true (да) или false (нет), а не «{}»
    true or false is needed here, and not “{}”
напишите true или false без кавычек
    write true or false without quotes
«{}» здесь не подходит
    “{}” does not fit here
«{}» — это список
    “{}” is a list
напишите каждый пункт с новой строки и с «- », или в [скобках]
    write each item on a line of its own with “- ”, or all in [brackets]
в «{}»
    in “{}”
{} нужны вложенные ключи
    {} nested keys are needed
напишите их с новой строки и с отступом: «ключ: значение»
    write them on new lines, indented: “key: value”
число {} вне пределов
    the number {} is out of bounds
не меньше {}
    at least {}
не больше {}
    at most {}
напишите {}
    write {}
«{}» — пусто
    “{}” is empty
здесь пусто
    there is nothing here
напишите хотя бы один пункт
    write at least one item
напишите текст
    write some text
в «{}» слишком много пунктов: {}
    “{}” has too many items: {}
оставьте не больше {}
    leave at most {}
«{}» длиннее {} знаков: их {}
    “{}” is longer than {} letters: there are {}
значение «{}» здесь не подходит
    the value “{}” does not fit here
посмотрите пример в docs/flows.ru.md
    see the example in docs/flows.md
ключ «{}» здесь неизвестен
    the key “{}” is unknown here
здесь нужны вложенные ключи, среди них «{}»
    nested keys are needed here, “{}” among them
возьмите в кавычки: "{}"
    put it in quotes: "{}"
граница «{}» не понята
    the bound “{}” is not understood
напишите число, this_year, today, дату "2027-06-30" или срок от сегодня: 14 days, 2 weeks, 1 year
    write a number, this_year, today, a date "2027-06-30" or a span from today: 14 days, 2 weeks, 1 year
после «{}:»
    after “{}:”
в пункте списка
    in the list item
«{}» значит «ничего»
    “{}” means “nothing”
{} ничего нет
    {} there is nothing
допишите значение или уберите строку
    add the value or take out the line

срок «{}» не понят
    the span “{}” is not understood
пишите, например: 20 min, 2 h, 1 day, 3 days, 2 weeks
    write, for example: 20 min, 2 h, 1 day, 3 days, 2 weeks
пауза «{}» не понята
    the pause “{}” is not understood
пишите, например: 4 seconds, а без паузы — 0
    write, for example: 4 seconds, or 0 for no pause
пауза «{}» вне пределов
    the pause “{}” is out of bounds
напишите от 1 second до 30 seconds, а без паузы — 0
    write from 1 second to 30 seconds, or 0 for no pause
срок «{}» вне пределов
    the span “{}” is out of bounds
напишите от 1 min до 366 days
    write from 1 min to 366 days
часовой пояс «{}» неизвестен
    the time zone “{}” is unknown
например: Europe/Moscow, Asia/Yekaterinburg
    for example: Europe/Moscow, Asia/Yekaterinburg
часы «{}» не поняты
    the hours “{}” are not understood
пишите в кавычках, например: "09:00-19:00"
    write in quotes, for example: "09:00-19:00"
дата «{}» не понята
    the date “{}” is not understood
пишите год-месяц-день, например: "2027-06-30"
    write year-month-day, for example: "2027-06-30"

пишите, например, {{ name }}
    write, for example, {{ name }}
{% %}: команд в текстах нет
    {% %}: there are no commands in texts
текст по условию пишется списком: у каждого свои if и text
    texts chosen by a condition are a list, each with an if and a text
{# #}: примечаний в текстах нет
    {# #}: there are no remarks in texts
в {{ }} можно только имя и фильтры, например {{ name }} или {{ code.until | day }}
    {{ }} takes only a name and filters, for example {{ name }} or {{ code.until | day }}
скобки {{ }} не закрыты или в них не одно имя
    the brackets {{ }} are not closed or hold more than one name
в {{ }} пусто
    {{ }} is empty
в {{ }} непонятный знак: проверьте скобки и кавычки
    {{ }} has a strange sign: look at the brackets and quotes
фильтра «{}» нет
    there is no filter “{}”
имени «{}» нет
    there is no name “{}”
у фильтра «{}» в скобках могут быть только слова в кавычках
    the filter “{}” takes only words in quotes
фильтру «count» нужны три слова: count('вопрос', 'вопроса', 'вопросов')
    the filter “count” needs three words: count('вопрос', 'вопроса', 'вопросов')
фильтру «{}» скобки не нужны
    the filter “{}” needs no brackets
здесь не известно ни одного имени
    no name is known here
лишние скобки }}: люди увидят их как есть
    stray brackets }}: people will see them as they stand
фильтров подряд не больше {}
    at most {} filters in a row
подстановка не понята
    the name in brackets is not understood
текст длиннее {} знаков
    the text is longer than {} letters
{{}} люди увидят как есть
    people will see {{}} as it stands
нужны две скобки: {{ {} }}
    two brackets are needed: {{ {} }}

начните с готового: leadbot new my_shop --from shop сделает и его
    begin with a shipped one: leadbot new my_shop --from shop makes it too
начните его с «ключ: значение»; образец — в docs/flows.ru.md
    begin it with “key: value”; see the sample in docs/flows.md
файла business.yaml нет
    there is no business.yaml
файл пуст
    the file is empty
напишите в нём что-нибудь или удалите его
    write something in it or delete it
файл должен состоять из ключей
    the file must consist of keys
файл не читается
    the file is not read
назовите его .yaml, а не .yml
    call it .yaml, not .yml
назовите его .yaml, без .txt в конце
    call it .yaml, without .txt at the end
файл не в UTF-8
    the file is not in UTF-8
файл в кодировке UTF-16, а не UTF-8
    the file is in UTF-16, not in UTF-8
файл, похоже, в кодировке Windows-1251, а не UTF-8
    the file is probably in Windows-1251, not in UTF-8
сохраните его в UTF-8: в редакторе «Сохранить как…», кодировка UTF-8
    save it in UTF-8: in the editor “Save as…”, encoding UTF-8
в кавычках записан управляющий знак (U+{})
    a control character is written in quotes (U+{})
уберите обратную черту и код после неё
    take out the backslash and the code after it
в тексте спрятан управляющий знак (U+{})
    a control character is hidden in the text (U+{})
знака с таким кодом нет
    there is no character of that code
сотрите его: он попал сюда при копировании
    delete it: it came by copying
файл больше {} МБ
    the file is over {} MB
разделите его: один сценарий — один файл
    split it: one flow, one file

одно действие — одна строка
    one act, one line
начните каждое с «- », например «- taps: Записаться»
    begin each with “- ”, for example «- taps: Записаться»
не хватает списка «stories»
    the list “stories” is missing
начните файл со «stories:»
    begin the file with “stories:”
история «{}» уже есть: строка {} и строка {}
    there is a story “{}” already: line {} and line {}
история состоит из ключей
    a story consists of keys
начните с «- story: название»
    begin with “- story: name”
канала «{}» нет
    there is no channel “{}”
здесь нужен текст
    text is needed here
здесь два текста: как было и как стало
    two texts stand here: as it was and as it is now
напишите, например: ["12 лет", "13 лет"]
    write for example: ["12 years", "13 years"]
напишите его одной строкой, лучше в кавычках: "…"
    write it in one line, better in quotes: "…"
напишите, например: "2026-11-23 12:00"
    write, for example: "2026-11-23 12:00"
в истории нет разговора
    the story has no talk
добавьте «talk:» и под ним «- opens»
    add “talk:” and under it “- opens”
варианты — это имена и значения
    variants are names and values
напишите, например: {greeting: warm}
    write, for example: {greeting: warm}
действия «{}» нет
    there is no act “{}”
«{}» пишется без двоеточия
    “{}” is written without a colon
уберите «:» и всё после него
    take out “:” and everything after it
«{}» прислать нельзя
    “{}” cannot be sent
список пуст
    the list is empty
напишите, что должно быть видно
    write what must be seen
назовите её иначе
    call it otherwise
здесь ничего нет
    there is nothing here
допишите текст
    add the text
{} без кавычек читается не как текст
    {} without quotes does not read as text
время «{}» не понято
    the time “{}” is not understood
«{}» — что?
    “{}” what?
напишите «{}: …»
    write “{}: …”

выровняйте строку по соседним того же уровня: два пробела на уровень
    align the line with those of the same level: two blanks a level
отсюда файл не читается как YAML
    from here on the file does not read as YAML
допишите «:», или сдвиньте строку вправо, если она продолжает текст после «|»
    add “:”, or move the line to the right, if it goes on with a text after “|”
перенесите «-» на следующую строку; текст, который начинается с тире, возьмите в кавычки
    move “-” to the next line; put a text that begins with a dash in quotes
проверьте отступы, двоеточия и кавычки на этой строке и строкой выше
    look at indents, colons and quotes on this line and the one above
всё после « #» YAML считает примечанием, и остаток текста повис
    YAML takes everything after “ #” for a remark, and the rest of the text hangs in the air
двоеточие внутри текста без кавычек
    a colon within a text without quotes
текст без кавычек не может начинаться с «{}»
    a text without quotes cannot begin with “{}”
список открыт «[» и не закрыт
    a list is opened by “[” and not closed
поставьте «]» в конце списка; текст со скобкой — в кавычки
    put “]” at the end of the list; a text with a bracket goes in quotes
строка «{}» — не ключ и не пункт списка
    the line “{}” is neither a key nor an item of a list
кавычка открыта и не закрыта
    a quote is opened and not closed
закройте её или начните текст с «|» на следующей строке
    close it or begin the text with “|” on the next line
список не может начинаться в одной строке с ключом
    a list cannot begin on the line of its key
после «|» в той же строке есть текст
    there is text after “|” on the same line
начните текст со следующей строки, с отступом
    begin the text on the next line, indented
отступ этой строки не совпадает с соседними
    the indent of this line differs from those around it
у этой строки лишний отступ
    this line is indented too far
в отступе стоит табуляция
    there is a tab in the indent
замените её пробелами, по два на уровень
    put blanks in its place, two a level
скобка «{» открыта и не закрыта
    the bracket “{” is opened and not closed
поставьте «}» после последней пары
    put “}” after the last pair
в скобках «{ }» перед этим не хватает запятой
    within the brackets “{ }” a comma is missing before this
разделите пары запятыми: {type: number, from: 1}
    put commas between the pairs: {type: number, from: 1}
текст начинается с «{», и YAML ждёт закрывающей «}»
    the text begins with “{”, and YAML waits for the closing “}”
пункт списка «-» стоит не на своём месте
    the list item “-” is out of its place
после закрывающей кавычки есть ещё текст
    there is more text after the closing quote
возьмите в кавычки всё значение: «{}»
    put quotes around the whole value: “{}”
после «{}:» нет пробела
    there is no blank after “{}:”
поставьте пробел: «{}»
    put a blank: “{}”
текст начинается со скобки и продолжается после неё
    the text begins with a bracket and goes on after it
эта строка стоит на уровне пунктов списка, но без «- »
    this line stands at the level of list items, but without “- ”
поставьте «- » или отступ
    add “- ” or an indent
строка сдвинута влево от своего текста
    the line is to the left of its text
сделайте отступ как у первой строки текста
    indent it like the first line of the text
«*» в начале — это ссылка YAML; здесь ссылок нет
    “*” at the beginning is a YAML alias; there are none here
«&» в начале — это якорь YAML; здесь якорей нет
    “&” at the beginning is a YAML anchor; there are none here
«!» в начале — это тег YAML; здесь тегов нет
    “!” at the beginning is a YAML tag; there are none here
ключ «<<» вставляет один кусок файла в другой; здесь так нельзя
    the key “<<” puts one part of the file into another; not here
напишите ключи прямо
    write the keys themselves
«---» начинает второй документ в том же файле
    “---” begins a second document in the same file
разнесите их по двум файлам
    make two files of it
значение начинается со скобки, и YAML читает его как вложенные ключи
    the value begins with a bracket, and YAML reads it as nested keys
в файле больше {} значений
    the file has more than {} values
разделите сценарий на несколько
    make several flows of it
вложенность больше {} уровней
    more than {} levels of nesting
проверьте скобки и отступы
    look at brackets and indents
в ключе «{}» спрятан невидимый знак (U+{})
    an invisible character is hidden in the key “{}” (U+{})
сотрите его и поставьте обычный пробел или ничего
    delete it and type an ordinary blank or nothing
ключ «{}» стоит дважды: строка {} и строка {}
    the key “{}” stands twice: line {} and line {}
оставьте один и соберите под ним всё; если это новый пункт списка, начните его с «- »
    leave one and gather all under it; if this is a new item of the list, begin it with “- ”
файл не читается как YAML: {}
    the file does not read as YAML: {}
проверьте его начало
    look at its beginning

ошибок: {}. Опубликованное продолжает работать
    errors: {}. What is published goes on
всё в порядке: файлов {}
    all is well: {} files
всё в порядке: файлов {}, предупреждений {}
    all is well: {} files, {} warnings
историй сошлось: {}, не сошлось: {}
    stories that hold: {}, that fail: {}
сначала исправьте ошибки в сценариях
    mend the errors in the flows first
есть ошибки: ничего не опубликовано, работает прежняя версия
    there are errors: nothing is published, the former version goes on
опубликована версия {}
    version {} is live
сначала исправьте ошибки в сценариях: leadbot check
    mend the errors in the flows first: leadbot check
нет сценария «{}»; есть: {}
    there is no flow “{}”; there are: {}
нет сценария «{}»; проверьте: leadbot check
    there is no flow “{}”; look with leadbot check
нет сценария «{}» без ошибок; проверьте: leadbot check
    there is no flow “{}” without errors; look with leadbot check
канал — telegram, vk или web
    the channel is telegram, vk or web
файлы в {} прямо сейчас меняются. Подождите, пока всё сохранится, и повторите
    the files in {} are changing right now. Wait until all is saved and try again
история не записана: {}
    the story is not kept: {}
не создано: {}
    nothing is made: {}
образца «{}» нет; есть: {}
    there is no sample “{}”; there are: {}
«{}» уже есть: {}. Назовите иначе
    “{}” is there already: {}. Take another name
сценарий с таким именем
    a flow of this name
имя «{}» не годится: строчные латинские буквы, цифры и одиночные _, до {} знаков, например tire_service
    the name “{}” will not do: small Latin letters, digits and single _, up to {} signs, for example tire_service
сначала исправьте business.yaml: leadbot check
    mend business.yaml first: leadbot check
так не получится:
    that will not do:
история «{}» в {} уже есть: назовите новую иначе
    there is a story “{}” in {} already: give the new one another name
сначала исправьте файл с историями
    mend the file with the stories first
{} — ссылка или не файл: туда не пишем. Уберите её или положите обычный файл
    {} is a link or no file: nothing is written there. Take it away or put an ordinary file
{} только что изменился: повторите, чтобы ничего не затереть
    {} has changed just now: try again, so that nothing is written over
не понял, о ком речь. Так: telegram:123, vk:456, web:…, телефон, почта или lead:17
    who is meant? Like this: telegram:123, vk:456, web:…, a phone, an e-mail or lead:17
таких данных у нас нет. Если человека уже удалили, спросите по адресу: telegram:123, vk:456
    no such data are held. If the person is erased already, ask by the address: telegram:123, vk:456
по этому запросу у нас несколько человек: {}. Назовите одного: lead:НОМЕР
    there are several people for this: {}. Name one: lead:NUMBER
ещё ничего не опубликовано: возвращаться не к чему
    nothing is published yet: there is nothing to go back to
версии {} нет; последняя — {}
    there is no version {}; the last is {}
это первая версия: прежней нет
    this is the first version: there is none before it
версия {} и так опубликована
    version {} is live as it is
версию {} эта программа уже не читает
    this program does not read version {} any more
"""
