"""FastAPI with CORSMiddleware and HTTPBearer, as its documentation shows them."""
import gc
import os
import uuid
from contextlib import asynccontextmanager

import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, field_validator

VARIANT = os.environ.get("VARIANT", "correct")
ORIGIN = os.environ["APP_ORIGIN"]
TOKEN = os.environ["APP_TOKEN"]


@asynccontextmanager
async def lifespan(_):
    yield
    # The exception keeps the coroutine in a cycle. CPython warns of it when the cycle is collected, and no longer says anything
    # when that is at its own end.
    gc.collect()


app = FastAPI(lifespan=lifespan)
bearer = HTTPBearer(auto_error=False)


def user(credentials: HTTPAuthorizationCredentials | None = Depends(bearer)) -> str:
    if VARIANT == "open":
        return "anybody"
    if credentials is None or credentials.credentials != TOKEN:
        challenge = "Bearer" if credentials is None else 'Bearer error="invalid_token"'
        raise HTTPException(401, "Invalid token", {"WWW-Authenticate": challenge})
    return "ada"


if VARIANT != "default":
    # FastAPI's own answer to invalid input repeats the input, and crashes when that is no text.
    @app.exception_handler(RequestValidationError)
    async def invalid(_, error: RequestValidationError):
        told = [{"type": one["type"], "loc": list(one["loc"]), "msg": one["msg"]} for one in error.errors()]
        return JSONResponse({"detail": told}, 422)


if VARIANT == "correct":
    # What FastAPI leaves to its user.
    @app.middleware("http")
    async def signed(request, call_next):
        answer = await call_next(request)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Request-ID"] = uuid.uuid4().hex
        return answer


class Note(BaseModel):
    text: str

    @field_validator("text")
    @classmethod
    def is_text(cls, text: str) -> str:
        # JSON may hold half of a surrogate pair; no answer can.
        if VARIANT != "default":
            text.encode()
        return text


@app.get("/health")
async def health():
    return {"status": "healthy"}


@app.get("/version")
async def version():
    return {"commit": "4f5a6b7c8d9e"}


@app.get("/me")
async def me(name: str = Depends(user)):
    return {"name": name}


async def summarise(text: str) -> dict:
    return {"summary": text.split(".")[0]}


@app.post("/summaries")
async def summaries(note: Note, _: str = Depends(user)):
    if VARIANT in ("crash", "mended"):
        return summarise(note.text)
    return await summarise(note.text)


if VARIANT == "reflect":
    app.add_middleware(CORSMiddleware, allow_origin_regex=".*", allow_credentials=True, allow_methods=["*"], allow_headers=["*"])
elif VARIANT == "mended":
    # Around the whole application, so that even what Starlette answers to an unexpected error passes it.
    app = CORSMiddleware(app, allow_origins=[ORIGIN], allow_methods=["*"], allow_headers=["*"])
else:
    app.add_middleware(CORSMiddleware, allow_origins=[ORIGIN], allow_methods=["*"], allow_headers=["*"])

uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
