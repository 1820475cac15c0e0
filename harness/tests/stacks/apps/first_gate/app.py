"""Notes, and what they say in one sentence: FastAPI as its documentation shows it."""
import os

from fastapi import Depends, FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

app = FastAPI()
app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://app.acme.example"],
    allow_methods=["*"],
    allow_headers=["*"],
)
bearer = HTTPBearer(auto_error=False)


def user(credentials: HTTPAuthorizationCredentials | None = Depends(bearer)) -> str:
    if credentials is None or credentials.credentials != os.environ["API_TOKEN"]:
        challenge = "Bearer" if credentials is None else 'Bearer error="invalid_token"'
        raise HTTPException(401, "Invalid token", {"WWW-Authenticate": challenge})
    return "ana"


class Note(BaseModel):
    text: str


@app.get("/health")
async def health():
    return {"status": "healthy"}


@app.get("/version")
async def version():
    return {"commit": os.environ.get("COMMIT", "4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6")}


async def summarise(text: str) -> dict:
    return {"summary": text.split(".")[0]}


@app.post("/summaries")
async def summaries(note: Note, name: str = Depends(user)):
    return await summarise(note.text)
