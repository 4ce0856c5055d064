"""The messages between the peer's services."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class Workload(BaseModel):
    kind: Literal["sort"]
    size: int = Field(ge=1, le=5_000_000)


class CreateTask(BaseModel):
    guild_id: str = Field(min_length=1, max_length=128)
    amount: int = Field(ge=1, le=10_000_000_000_000)
    workload: Workload


class Execute(BaseModel):
    task_id: str = Field(min_length=1, max_length=128)
    workload: Workload


class Reserve(BaseModel):
    guild_id: str = Field(min_length=1, max_length=128)
    task_id: str = Field(min_length=1, max_length=128)
    amount: int = Field(ge=1, le=10_000_000_000_000)


class Settle(BaseModel):
    reservation_id: str = Field(min_length=1, max_length=128)
