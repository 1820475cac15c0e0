"""FastAPI behind an OpenID issuer, with PyJWT and its PyJWKClient, as their documentation shows them."""
import os

import jwt
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, field_validator

VARIANT = os.environ.get("VARIANT", "correct")
ISSUER = os.environ["OIDC_ISSUER"]
AUDIENCE = os.environ["OIDC_AUDIENCE"]
ALGORITHM = os.environ.get("ALGORITHM", "RS256")

app = FastAPI()
bearer = HTTPBearer(auto_error=False)
keys = jwt.PyJWKClient(os.environ["OIDC_JWKS_URL"])


def key_of(token: str):
    try:
        return keys.get_signing_key_from_jwt(token).key
    except jwt.PyJWKClientError:
        if VARIANT == "unknown-key":
            return None
        raise


def claims(token: str) -> dict:
    key = key_of(token)
    options = {
        "require": [] if VARIANT == "no-expiry" else ["exp", "iss", "aud", "sub"],
        "verify_signature": VARIANT != "foreign-key" and key is not None,
        "verify_aud": VARIANT != "audience",
        "verify_iss": VARIANT != "issuer",
        "verify_exp": VARIANT != "expiry",
        "verify_nbf": True,
    }
    return jwt.decode(token, key, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options=options)


def user(credentials: HTTPAuthorizationCredentials | None = Depends(bearer)) -> str:
    if credentials is None:
        raise HTTPException(401, "Not authenticated", {"WWW-Authenticate": "Bearer"})
    refused = HTTPException(401, "Invalid token", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    try:
        told = claims(credentials.credentials)
    except jwt.PyJWTError:
        raise refused
    if told.get("type") != "access" and VARIANT != "refresh":
        raise refused
    return told["sub"]


@app.exception_handler(RequestValidationError)
async def invalid(_, error: RequestValidationError):
    told = [{"loc": list(one["loc"]), "msg": one["msg"]} for one in error.errors()]
    return JSONResponse({"detail": told}, 422)


class Note(BaseModel):
    text: str

    @field_validator("text")
    @classmethod
    def is_text(cls, text: str) -> str:
        # JSON may hold half of a surrogate pair; no answer can.
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


@app.post("/summaries")
async def summaries(note: Note, _: str = Depends(user)):
    return {"summary": note.text.split(".")[0]}


app.add_middleware(CORSMiddleware, allow_origins=["https://app.example"], allow_methods=["*"], allow_headers=["*"])

uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
