"""The self-test at start: is this our community, may the token do what we need, do the events come (N10)."""

from __future__ import annotations

from bot.channels.vk_client import VERSION, VkClient, VkRefused

EVENTS = ("message_new", "message_event", "message_reply", "message_edit", "message_allow", "message_deny")
PASSING = {1, 6, 9, 10, 29, 36}  # errors that say nothing about the token
WHERE = "«Управление» → «Работа с API»"
NEEDED = {"messages": "сообщения сообщества", "manage": "управление сообществом"}


class VkMisconfigured(ValueError):
    """Its text says in Russian what an administrator has to switch on; nothing secret is in it."""


async def problems(client: VkClient, group_id: int) -> list[str]:
    """What an administrator has to switch on, in sentences; [] when all is well. Switches our event kinds on.

    Raises what VkClient.call raises when VK does not answer or is busy.
    """
    found: list[str] = []
    for question in (_own_community, _rights, _events):
        try:
            found += await question(client, group_id)
        except VkRefused as refused:
            if refused.code in PASSING:
                raise
            found.append(f"Ключ доступа не принят (ошибка {refused.code}). Создайте новый: {WHERE}.")
            break
    return found


async def _own_community(client: VkClient, group_id: int) -> list[str]:
    answer = await client.call("groups.getById")
    listed = answer.get("groups", []) if isinstance(answer, dict) else answer
    ids = [one.get("id") for one in listed] if isinstance(listed, list) else []
    if ids and group_id not in ids:
        return [f"Ключ доступа выдан другому сообществу ({ids[0]}), а VK_GROUP_ID — {group_id}."]
    return []


async def _rights(client: VkClient, _group_id: int) -> list[str]:
    answer = await client.call("groups.getTokenPermissions")
    listed = answer.get("permissions") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        return []
    have = {one.get("name") for one in listed}
    missing = [words for right, words in NEEDED.items() if right not in have]
    return [f"Ключу доступа не хватает прав: {', '.join(missing)}. Создайте ключ с этими правами."] if missing else []


async def _events(client: VkClient, group_id: int) -> list[str]:
    wanted = dict.fromkeys(EVENTS, 1)
    try:
        await client.call("groups.setLongPollSettings", group_id=group_id, enabled=1, api_version=VERSION, **wanted)
    except VkRefused as refused:
        if refused.code in PASSING:
            raise
        return [
            f"Не удалось включить Long Poll (ошибка {refused.code}). Включите его сами: {WHERE} → «Long Poll API», "
            f"версия {VERSION}, типы событий: {', '.join(EVENTS)}."
        ]
    return []
