"""The words of a WordPress site with AI Power, in the languages its emulator speaks.

Rule: every `msg` of a site goes through its translation, so no client may read meaning from it;
the rows here are ours, of the same sense and length, and English keeps the wording of the plugin
where the wire notes it.
Source: AI Power plugin 1.8.79-1.9.18 behaviour, observed 2026-11-21.
"""

from typing import Literal

import msgspec

__all__ = ["Locale", "Texts", "texts"]

Locale = Literal["en", "de", "ru"]


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    """What one language says at each place of the wire."""

    went_wrong: str
    nonce_failed: str
    security_check: str
    link_expired: str
    try_again: str
    nothing_inputted: str
    no_api_key: str
    missing_api: str
    limit_reached: str
    flagged: str
    ip_banned: str
    moderated: str
    pinecone_failed: str
    key_expired: str
    unknown_bot: str
    missing_ids: str
    critical_error: str
    captcha: str


_ENGLISH = Texts(
    went_wrong="Something went wrong",
    nonce_failed="Nonce verification failed",
    security_check="Security check",
    link_expired="The link you followed has expired.",
    try_again="Please try again.",
    nothing_inputted="It appears that nothing was inputted.",
    no_api_key="Unable to initialize the AI instance. Please check the API key.",
    missing_api="Missing API Setting",
    limit_reached="You have reached your token limit.",
    flagged="Your message has been flagged as inappropriate.",
    ip_banned="You are not allowed to use this chat.",
    moderated="Your message was refused by moderation.",
    pinecone_failed="The documents of this site could not be searched.",
    key_expired="The message was not found, or it is too old.",
    unknown_bot="There is no such bot.",
    missing_ids="The session or the conversation is missing.",
    critical_error="There has been a critical error on this website.",
    captcha="Please verify that you are human before you go on: open the captcha of this page.",
)

_GERMAN = Texts(
    went_wrong="Etwas ist schiefgelaufen",
    nonce_failed="Die Prüfung der Einmalkennung ist fehlgeschlagen",
    security_check="Sicherheitsprüfung",
    link_expired="Der Link, dem du gefolgt bist, ist abgelaufen.",
    try_again="Bitte versuche es noch einmal.",
    nothing_inputted="Offenbar wurde nichts eingegeben.",
    no_api_key="Die KI konnte nicht gestartet werden. Bitte prüfe den API-Schlüssel.",
    missing_api="API-Einstellung fehlt",
    limit_reached="Du hast dein Kontingent aufgebraucht.",
    flagged="Deine Nachricht wurde als unangemessen gemeldet.",
    ip_banned="Du darfst diesen Chat nicht benutzen.",
    moderated="Deine Nachricht wurde von der Moderation abgelehnt.",
    pinecone_failed="Die Dokumente dieser Website konnten nicht durchsucht werden.",
    key_expired="Die Nachricht wurde nicht gefunden oder ist zu alt.",
    unknown_bot="Diesen Bot gibt es nicht.",
    missing_ids="Die Sitzung oder das Gespräch fehlt.",
    critical_error="Es gab einen kritischen Fehler auf deiner Website.",
    captcha="Bitte bestätige, dass du ein Mensch bist: löse das Captcha auf dieser Seite.",
)

_RUSSIAN = Texts(
    went_wrong="Что-то пошло не так",
    nonce_failed="Проверка одноразового кода не пройдена",
    security_check="Проверка безопасности",
    link_expired="Срок действия ссылки, по которой вы перешли, истёк.",
    try_again="Пожалуйста, попробуйте ещё раз.",
    nothing_inputted="Похоже, вы ничего не ввели.",
    no_api_key="Не удалось запустить ИИ. Проверьте ключ API.",
    missing_api="Не задан API",
    limit_reached="Ваш лимит токенов исчерпан.",
    flagged="Ваше сообщение отмечено как недопустимое.",
    ip_banned="Вам нельзя пользоваться этим чатом.",
    moderated="Ваше сообщение отклонено модерацией.",
    pinecone_failed="Не удалось выполнить поиск по документам сайта.",
    key_expired="Сообщение не найдено или устарело.",
    unknown_bot="Такого бота нет.",
    missing_ids="Не указан сеанс или разговор.",
    critical_error="На сайте возникла критическая ошибка.",
    captcha="Подтвердите, что вы человек: решите капчу на этой странице.",
)


_TEXTS: dict[Locale, Texts] = {"en": _ENGLISH, "de": _GERMAN, "ru": _RUSSIAN}


def texts(locale: Locale) -> Texts:
    """The words of a site in this language."""
    return _TEXTS[locale]
