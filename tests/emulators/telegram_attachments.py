"""What people send instead of words, as the Bot API shows it."""

from __future__ import annotations

from typing import Any

FILE = {"file_id": "AgAC-emulated", "file_unique_id": "AQAD-emulated", "file_size": 9931}
PICTURE = {**FILE, "width": 512, "height": 512}

ATTACHMENTS: dict[str, Any] = {
    "animation": {**PICTURE, "duration": 3},
    "audio": {**FILE, "duration": 120, "title": "Песня"},
    "dice": {"emoji": "🎲", "value": 4},
    "document": {**FILE, "file_name": "план.pdf", "mime_type": "application/pdf"},
    "location": {"latitude": 55.7558, "longitude": 37.6173},
    "photo": [{**PICTURE, "width": 90, "height": 67}, {**PICTURE, "width": 1280, "height": 960}],
    "poll": {
        "id": "5420", "question": "Да?", "options": [{"persistent_id": "1", "text": "Да", "voter_count": 0}],
        "total_voter_count": 0, "is_closed": False, "is_anonymous": True, "type": "regular",
        "allows_multiple_answers": False, "allows_revoting": False, "members_only": False,
    },
    "sticker": {**PICTURE, "type": "regular", "is_animated": False, "is_video": False, "emoji": "👍"},
    "story": {"chat": {"id": -1008880001, "title": "Канал", "type": "channel"}, "id": 3},
    "venue": {"location": {"latitude": 55.7558, "longitude": 37.6173}, "title": "Дом", "address": "Москва"},
    "video": {**PICTURE, "duration": 5},
    "video_note": {**FILE, "length": 240, "duration": 5},
    "voice": {**FILE, "duration": 4, "mime_type": "audio/ogg"},
    "web_app_data": {"data": "{}", "button_text": "Открыть"},
}  # fmt: skip
