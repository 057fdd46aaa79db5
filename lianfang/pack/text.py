"""A text in the languages of the pack."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Part(BaseModel):
    """What every part of a pack is: frozen, and without room for a misspelt key."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Text(Part):
    """One text, Chinese first; the English is what an English reader sees."""

    zh: str = Field(alias="zh-hans", min_length=1)
    en: str = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        # A word that is the same in both languages may be written once.
        return {"zh-hans": given, "en": given} if isinstance(given, str) else given

    @classmethod
    def of(cls, zh: str, en: str) -> "Text":
        """Return a text from its two languages."""
        return cls.model_validate({"zh-hans": zh, "en": en})

    def in_(self, language: str) -> str:
        """Return the text in a language: `zh-hans` (also `zh`, `zh-cn`) or `en`; anything else reads Chinese."""
        return self.en if language.lower().startswith("en") else self.zh

    def __str__(self) -> str:
        return self.zh
