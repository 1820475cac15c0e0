//! How a cause is mended in a framework: one sentence, as its documentation has it.

use crate::diagnosis::framework::Framework::{
    self, Actix, Axum, Django, Express, Fastify, Flask, Hono, Poem, Starlette,
};

/// How a cause is mended in a framework, when it is mended there in a way of its own.
pub fn mend(cause: &str, framework: Framework) -> Option<&'static str> {
    match cause {
        "masked-server-error" | "cors-missing-on-errors" => Some(unreadable_errors(framework)),
        "connection-dropped" => panics(framework),
        "server-error" => Some(crash(framework)),
        "auth-not-enforced" => Some(open_door(framework)),
        "vary-missing" => Some(vary(framework)),
        "origin-reflected" => Some(reflected(framework)),
        _ => None,
    }
}

fn unreadable_errors(framework: Framework) -> &'static str {
    match framework {
        Starlette => {
            "unexpected errors are answered outside every middleware; wrap the whole application instead of \
             add_middleware: app = CORSMiddleware(app, allow_origins=[…])"
        }
        Flask => {
            "register @app.errorhandler(Exception), so that its answer passes Flask-CORS; with PROPAGATE_EXCEPTIONS, as in \
             debug mode, the server answers by itself"
        }
        Django => {
            "put corsheaders.middleware.CorsMiddleware first in MIDDLEWARE, before whatever answers by itself"
        }
        Express | Fastify | Hono => {
            "register the cors middleware before everything that can answer or throw, the body parser included"
        }
        Axum => {
            "a panic passes every layer; add tower-http's CatchPanicLayer before the CorsLayer, so that CORS is outside"
        }
        Actix => {
            "the wrap that is registered last runs outermost; call .wrap(cors) after every other wrap, so that their errors \
             pass it"
        }
        Poem => {
            "a panic passes every middleware; put .with(CatchPanic::new()) before .with(cors), so that Cors is outside"
        }
    }
}

fn panics(framework: Framework) -> Option<&'static str> {
    match framework {
        Axum | Poem => Some(unreadable_errors(framework)),
        Actix => Some(
            "nothing catches a panic; return an error from the handler instead of unwrap, which Cors then sees",
        ),
        Starlette | Flask | Django | Express | Fastify | Hono => None,
    }
}

/// Where the crash is told, and what turns it into an answer that a client can use.
fn crash(framework: Framework) -> &'static str {
    match framework {
        Starlette => {
            "the traceback is in uvicorn's log, and `python -X dev` names coroutines that were never awaited; an \
             @app.exception_handler(…) for the error turns it into an answer"
        }
        Flask => {
            "the traceback is in app.logger; an @app.errorhandler(…) for the error turns it into JSON in place of the page"
        }
        Django => {
            "the traceback goes to the logger django.request, by mail alone when DEBUG is off and LOGGING says nothing; \
             handler500 makes the answer"
        }
        Express => {
            "an async handler that rejects reaches the error handler by itself only since Express 5; before, wrap it. The \
             error handler has four arguments and comes last: app.use((error, request, response, next) => …)"
        }
        Fastify => {
            "switch the logger on (Fastify({ logger: true })) to see the error; setErrorHandler makes the answer"
        }
        Hono => {
            "app.onError((error, c) => …) sees the error and makes the answer; log it there, Hono itself does not"
        }
        Axum => {
            "return Result<_, E> with E: IntoResponse from the handler, and log in into_response; what is a panic now is \
             caught by tower-http's CatchPanicLayer"
        }
        Actix => {
            "implement ResponseError for the handler's error, and log in error_response; the Logger middleware writes only \
             the status"
        }
        Poem => {
            "implement ResponseError for the handler's error, and log it in a catch_all_error; CatchPanic turns a panic into \
             a 500"
        }
    }
}

/// Where a guard stands that no route can be registered without.
fn open_door(framework: Framework) -> &'static str {
    match framework {
        Starlette => {
            "put the guard on the router, APIRouter(dependencies=[Depends(current_user)]), so that no route can forget it; \
             HTTPBearer(auto_error=False) lets everybody in"
        }
        Flask => {
            "check in @app.before_request, with a list of what is public, in place of a decorator on each view"
        }
        Django => {
            "LoginRequiredMiddleware guards every view; with REST framework, DEFAULT_PERMISSION_CLASSES = \
             [IsAuthenticated], whose own default is AllowAny"
        }
        Express => "app.use(authenticate) before the routes that it guards: order is all that decides",
        Fastify => {
            "addHook(\"onRequest\", authenticate) in the plugin that registers the routes: hooks do not leave the plugin that \
             they are added in"
        }
        Hono => "app.use(\"/api/*\", bearerAuth({ … })) before the routes that it guards",
        Axum => {
            "call .route_layer(middleware::from_fn(authenticate)) after the routes that it guards: a layer covers only what \
             was added before it"
        }
        Actix => {
            ".wrap(from_fn(authenticate)) around the scope, or an extractor as an argument of each handler"
        }
        Poem => {
            "put .with(…) or .around(…) on the nested route; with poem-openapi, take the SecurityScheme as an argument of the \
             operation"
        }
    }
}

fn vary(framework: Framework) -> &'static str {
    match framework {
        Starlette => {
            "CORSMiddleware says it by itself where it names an origin; look for what sets response.headers[\"Vary\"] \
             afterwards, and use add_vary_header there"
        }
        Flask => {
            "Flask-CORS leaves Vary out when one origin is listed; add it in an after_request: answer.vary.add(\"Origin\")"
        }
        Django => {
            "django-cors-headers says it by itself; look for a view or middleware that sets response[\"Vary\"], and use \
             patch_vary_headers(response, [\"Origin\"]) there"
        }
        Express => "the cors package says it where it names an origin; elsewhere response.vary(\"Origin\")",
        Fastify => {
            "@fastify/cors says it unless origin is a single string; give it a list, and look for a reply.header(\"vary\", …) \
             that replaces it"
        }
        Hono => "c.header(\"Vary\", \"Origin\", { append: true }), after cors() and never without append",
        Axum => {
            "CorsLayer says it by itself; look for a .vary([…]) that names less, and for SetResponseHeaderLayer::overriding \
             outside of it"
        }
        Actix => "take .disable_vary_header() away: Cors says it by itself",
        Poem => {
            "its Cors writes no Vary; outside of it turn errors into responses (catch_all_error), then add \
             .with(SetHeader::new().appending(VARY, \"Origin\"))"
        }
    }
}

fn reflected(framework: Framework) -> &'static str {
    match framework {
        Starlette => {
            "name the origins in allow_origins; allow_origin_regex=\".*\" or [\"*\"] with credentials echoes any"
        }
        Flask => "name the origins in CORS(app, origins=[…]); a pattern such as \".*\" echoes any",
        Django => {
            "name the origins in CORS_ALLOWED_ORIGINS; CORS_ALLOW_ALL_ORIGINS with credentials echoes any"
        }
        Express | Fastify => "give cors a list, origin: [\"https://…\"]; origin: true echoes any",
        Hono => "give cors a list, origin: [\"https://…\"]; a function that returns its argument echoes any",
        Axum => "use AllowOrigin::list; AllowOrigin::mirror_request() echoes any",
        Actix => "use Cors::default().allowed_origin(…); Cors::permissive() is for development",
        Poem => "name the origins with Cors::new().allow_origin(…); an empty list allows any",
    }
}
