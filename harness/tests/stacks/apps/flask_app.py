"""Flask with flask-cors, as its documentation shows it."""
import json
import os
import uuid

from flask import Flask, jsonify, request
from flask_cors import CORS
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.serving import WSGIRequestHandler

VARIANT = os.environ.get("VARIANT", "correct")
TOKEN = os.environ["APP_TOKEN"]

app = Flask(__name__)
if VARIANT == "reflect":
    CORS(app, origins=".*", supports_credentials=True)
else:
    CORS(app, origins=[os.environ["APP_ORIGIN"]])


if VARIANT != "default":
    # Flask-CORS leaves Vary out when only one origin is listed, although other callers get another answer.
    @app.after_request
    def vary(answer):
        answer.vary.add("Origin")
        return answer


if VARIANT == "correct":
    # What Flask leaves to its user.
    @app.after_request
    def signed(answer):
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Request-ID"] = uuid.uuid4().hex
        return answer


@app.errorhandler(HTTPException)
def problem(error):
    answer = jsonify(error=error.description)
    answer.status_code = error.code
    if error.code == 405:
        answer.headers["Allow"] = ", ".join(error.valid_methods or [])
    return answer


def refused():
    if VARIANT == "open" or request.authorization is not None and request.authorization.token == TOKEN:
        return None
    answer = jsonify(error="Invalid token")
    sent = request.authorization is not None
    answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"' if sent else "Bearer"
    return answer, 401


@app.get("/health")
def health():
    return {"status": "healthy"}


@app.get("/version")
def version():
    return {"commit": "4f5a6b7c8d9e"}


@app.get("/me")
def me():
    return refused() or {"name": "ada"}


@app.post("/summaries")
def summaries():
    no = refused()
    if no:
        return no
    try:
        body = request.get_json()
        json.dumps(body, ensure_ascii=False).encode()
    except (RecursionError, UnicodeEncodeError) as error:
        raise BadRequest("that is no text") from error
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        raise BadRequest("text must be a string")
    if VARIANT == "crash":
        return {"summary": body["text"].first_sentence}
    return {"summary": body["text"].split(".")[0]}


WSGIRequestHandler.protocol_version = "HTTP/1.1"
app.run("127.0.0.1", int(os.environ["PORT"]), threaded=True)
