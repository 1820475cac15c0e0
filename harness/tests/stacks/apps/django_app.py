"""Django with django-cors-headers, in one file."""
import json
import os
import sys
import uuid

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponseNotAllowed, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

VARIANT = os.environ.get("VARIANT", "correct")
TOKEN = os.environ["APP_TOKEN"]

CORS = {"CORS_ALLOWED_ORIGINS": [os.environ["APP_ORIGIN"]]}
if VARIANT == "reflect":
    CORS = {"CORS_ALLOW_ALL_ORIGINS": True, "CORS_ALLOW_CREDENTIALS": True}
COMMON = "django.middleware.common.CommonMiddleware"
FIRST = "corsheaders.middleware.CorsMiddleware"


def signed(get_answer):
    """What Django leaves to its user."""

    def inner(request):
        answer = get_answer(request)
        if VARIANT == "correct":
            answer["Cache-Control"] = "no-store"
            answer["X-Request-ID"] = uuid.uuid4().hex
        return answer

    return inner


settings.configure(
    SECRET_KEY="only-for-tests",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["corsheaders"],
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware", FIRST, COMMON, f"{__name__}.signed"],
    **CORS,
)


def allowed(method):
    def wrap(view):
        @csrf_exempt
        def inner(request):
            return view(request) if request.method == method else HttpResponseNotAllowed([method])

        return inner

    return wrap


def refused(request):
    if VARIANT == "open":
        return None
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token == TOKEN:
        return None
    challenge = 'Bearer error="invalid_token"' if token else "Bearer"
    return JsonResponse({"error": "Invalid token"}, status=401, headers={"WWW-Authenticate": challenge})


@allowed("GET")
def health(_):
    return JsonResponse({"status": "healthy"})


@allowed("GET")
def version(_):
    return JsonResponse({"commit": "4f5a6b7c8d9e"})


@allowed("GET")
def me(request):
    return refused(request) or JsonResponse({"name": "ada"})


@allowed("POST")
def summaries(request):
    no = refused(request)
    if no:
        return no
    if request.content_type != "application/json":
        return JsonResponse({"error": "send JSON"}, status=415)
    try:
        body = json.loads(request.body)
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return JsonResponse({"error": "not JSON"}, status=400)
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        return JsonResponse({"error": "text must be a string"}, status=400)
    if VARIANT == "crash":
        raise KeyError("summary")
    return JsonResponse({"summary": body["text"].split(".")[0]})


urlpatterns = [path("health", health), path("version", version), path("me", me), path("summaries", summaries)]
django.setup()
execute_from_command_line([sys.argv[0], "runserver", "--noreload", f"127.0.0.1:{os.environ['PORT']}"])
