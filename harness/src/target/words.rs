//! The single values of a profile, each read into a type that can hold nothing wrong: an operation, a route, a JSON
//! Pointer, the name of a header or of a variable, a base URL, a file.

use crate::model::target::Call;
use crate::target::fault::{Fault, nearest, quote};
use crate::target::mask::holds_a_secret;

/// Reads a leaf type from a TOML string through its own `parse`, and describes it to the JSON Schema.
macro_rules! leaf {
    ($name:ident, $expecting:literal) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Reader;
                impl serde::de::Visitor<'_> for Reader {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::parse(text).map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Reader)
            }
        }

        #[cfg(test)]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "minLength": 1, "description": $expecting})
            }
        }
    };
}
pub(crate) use leaf;

/// Methods that HTTP defines (RFC 9110 §9, RFC 5789), for suggestions; any token is accepted.
const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
];

/// Whether the text is a token (RFC 9110 §5.6.2).
fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

/// An operation below the base URL: `POST /ai/orchestrate`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation(pub Call);

impl Operation {
    /// Reads a method in upper case, a space, and a path.
    pub fn parse(text: &str) -> Result<Operation, Fault> {
        let next = "write the method, a space and the path below the base URL, such as \"POST /summaries\"";
        let refuse = |why: String| Fault::new(format!("{} is not an operation", quote(text)), why, next);
        let mut words = text.split_whitespace();
        let (method, path) = match (words.next(), words.next(), words.next()) {
            (Some(method), Some(path), None) => (method, path),
            (Some(path), None, None) if path.starts_with('/') => {
                return Err(refuse("the method is missing".to_owned()));
            }
            (Some(_), None, None) => return Err(refuse("the path is missing".to_owned())),
            _ => return Err(refuse("it is not two words".to_owned())),
        };
        if !is_token(method) {
            return Err(refuse(format!(
                "{} cannot be a method (RFC 9110 §9.1)",
                quote(method)
            )));
        }
        if method.chars().any(|letter| letter.is_ascii_lowercase()) {
            let meant = method.to_ascii_uppercase();
            return Err(refuse(format!(
                "methods are case-sensitive (RFC 9110 §9.1): did you mean `{meant}`?"
            )));
        }
        if !METHODS.contains(&method)
            && let Some(meant) = nearest(method, METHODS)
        {
            return Err(refuse(format!("no such method: did you mean `{meant}`?")));
        }
        Route::parse(path).map_err(|fault| refuse(format!("{}: {}", fault.what, fault.why)))?;
        Ok(Operation(Call {
            method: method.to_owned(),
            path: path.to_owned(),
        }))
    }
}

leaf!(
    Operation,
    "an operation: method, space, path below the base URL, such as \"POST /summaries\""
);

/// A path below the base URL, with or without a query: `/health`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route(pub String);

impl Route {
    /// Reads a path that begins with `/`.
    pub fn parse(text: &str) -> Result<Route, Fault> {
        let refuse =
            |why: &str, next: &str| Err(Fault::new(format!("{} is not a route", quote(text)), why, next));
        if text.contains("://") {
            return refuse(
                "it is a whole URL",
                "write only the path below the base URL, such as \"/health\"",
            );
        }
        if !text.starts_with('/') {
            return refuse(
                "a route begins with `/`",
                &format!("write {}", quote(&format!("/{}", text.trim()))),
            );
        }
        if text.starts_with("//") {
            return refuse(
                "`//` begins another host (RFC 3986 §4.2)",
                "write the path with one `/`",
            );
        }
        if text.contains('#') {
            return refuse(
                "a fragment never reaches a server (RFC 9110 §7.1)",
                "leave out `#` and what follows",
            );
        }
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%?{}".contains(&byte);
        match text
            .chars()
            .find(|character| !u8::try_from(*character).is_ok_and(legal))
        {
            Some(odd) => refuse(
                &format!(
                    "{} must be percent-encoded (RFC 3986 §2.1)",
                    quote(&odd.to_string())
                ),
                "encode it as `%` and two hexadecimal digits for each byte",
            ),
            None => Ok(Route(text.to_owned())),
        }
    }
}

leaf!(Route, "a path below the base URL, such as \"/health\"");

/// A JSON Pointer (RFC 6901), never the empty one: a profile always means a member.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pointer(pub String);

impl Pointer {
    /// Reads `/results/transcription/text`; `~` only as `~0` or `~1`.
    pub fn parse(text: &str) -> Result<Pointer, Fault> {
        let refuse = |why: &str, next: String| {
            Err(Fault::new(
                format!("{} is not a JSON Pointer", quote(text)),
                why,
                next,
            ))
        };
        if !text.starts_with('/') {
            let path = text
                .trim_start_matches("$.")
                .trim_start_matches('.')
                .replace('.', "/");
            return refuse(
                "a pointer begins with `/` (RFC 6901 §3)",
                format!("write {}", quote(&format!("/{path}"))),
            );
        }
        let escapes_well = text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with('0') || rest.starts_with('1'));
        if !escapes_well {
            return refuse(
                "`~` stands only before 0 or 1 (RFC 6901 §3)",
                "write `~0` for `~`, `~1` for `/`".into(),
            );
        }
        Ok(Pointer(text.to_owned()))
    }
}

leaf!(Pointer, "a JSON Pointer (RFC 6901), such as \"/results/text\"");

/// The name of a request header, kept in lower case (RFC 9110 §5.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Header(pub String);

impl Header {
    /// Reads a field name.
    pub fn parse(text: &str) -> Result<Header, Fault> {
        let what = format!("{} is not the name of a header", quote(text));
        if let Some((name, _)) = text.split_once(':') {
            let next = format!("write only the name: {}", quote(name.trim()));
            return Err(Fault::new(
                "a header's name is wanted, not its value",
                "`:` begins a value",
                next,
            )
            .hiding_the_value());
        }
        match is_token(text) {
            true => Ok(Header(text.to_ascii_lowercase())),
            false => Err(Fault::new(
                what,
                "a name is letters, digits and a few signs, without spaces (RFC 9110 §5.1)",
                "write one name, such as \"content-type\"",
            )),
        }
    }
}

leaf!(Header, "the name of a request header, such as \"content-type\"");

/// The name of an environment variable. Never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable(pub String);

impl Variable {
    /// Reads a name (POSIX.1-2024 §8.1, small letters too). Whatever else stands there may be the secret itself, so
    /// no fault repeats it.
    pub fn parse(text: &str) -> Result<Variable, Fault> {
        let next = "export the secret under a name such as GREENLIGHT_TOKEN, and write that name here";
        let refuse = |what: &str, why: &str| Err(Fault::new(what, why, next).hiding_the_value());
        if holds_a_secret(text) {
            return refuse(
                "this looks like a credential",
                "a profile names variables and holds no secret",
            );
        }
        if text.starts_with('$') {
            return refuse(
                "this is not the name of a variable",
                "the name stands here without `$`",
            );
        }
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let begins_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        match begins_well && text.len() <= 128 && text.bytes().all(legal) {
            true => Ok(Variable(text.to_owned())),
            false => refuse(
                "this is not the name of a variable",
                "a name is letters, digits and `_`, not beginning with a digit",
            ),
        }
    }
}

leaf!(
    Variable,
    "the name of an environment variable, such as \"GREENLIGHT_TOKEN\"; never a secret"
);

/// A command for `sh -c`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command(pub String);

impl Command {
    /// Reads any text that says something.
    pub fn parse(text: &str) -> Result<Command, Fault> {
        match text.trim().is_empty() || text.contains('\0') {
            true => Err(Fault::new(
                "this is no command",
                "it is empty",
                "write what the shell is to run",
            )),
            false => Ok(Command(text.to_owned())),
        }
    }
}

leaf!(Command, "a command for the shell");

/// A base URL without trailing slash, query or fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(pub String);

impl BaseUrl {
    /// Whether a secret may be sent there: over https, or without leaving this machine.
    pub fn keeps_secrets(&self) -> bool {
        url::Url::parse(&self.0).is_ok_and(|url| match url.host() {
            _ if url.scheme() == "https" => true,
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        })
    }

    /// Reads an `http` or `https` URL. A trailing slash goes; user information, query and fragment are refused without
    /// repeating them, since they may hold a credential.
    pub fn parse(text: &str) -> Result<BaseUrl, Fault> {
        let (plain, extra) = text.split_at(text.find(['?', '#']).unwrap_or(text.len()));
        let cut = if extra.is_empty() { "" } else { "…" };
        let what = format!(
            "{} is not a base URL",
            quote(&format!("{plain}{}{cut}", extra.get(..1).unwrap_or("")))
        );
        let next = "write scheme, host and path, such as \"https://api.acme.example/v1\"";
        let parsed = url::Url::parse(text);
        let userinfo = parsed
            .as_ref()
            .is_ok_and(|url| !url.username().is_empty() || url.password().is_some());
        if userinfo || text.split(['/', '?', '#']).any(|part| part.contains('@')) {
            let why = "user information in a URL ends up in logs (RFC 3986 §7.5)";
            return Err(Fault::new(
                "this URL holds user information",
                why,
                "name the variables under `[auth]`",
            )
            .hiding_the_value());
        }
        let url = parsed.map_err(|error| match error {
            url::ParseError::RelativeUrlWithoutBase => Fault::new(&what, "it has no scheme", next),
            error => Fault::new(&what, error.to_string(), next),
        })?;
        let why = match url.scheme() {
            "http" | "https" if url.query().is_some() => "a base has no query",
            "http" | "https" if url.fragment().is_some() => "a base has no fragment",
            "http" | "https" => return Ok(BaseUrl(url.as_str().trim_end_matches('/').to_owned())),
            _ => "its scheme is neither http nor https",
        };
        Err(Fault::new(what, why, next))
    }
}

leaf!(
    BaseUrl,
    "an http or https URL without query, such as \"https://api.acme.example/v1\""
);

/// A file, named relative to the profile that names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileName(pub String);

impl FileName {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<FileName, Fault> {
        let why = match text {
            "" => "it is empty",
            _ if text.contains('\0') => "no path holds a zero byte",
            _ if text.contains("://") => "it is a URL",
            _ => return Ok(FileName(text.to_owned())),
        };
        let what = format!("{} is not the name of a file", quote(text));
        Err(Fault::new(what, why, "write its path relative to this profile"))
    }
}

leaf!(FileName, "a file, relative to this profile");

/// Where the pinned contract is: a file relative to the profile, or an `http` or `https` URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContractPlace {
    /// A file, relative to the profile.
    File(FileName),
    /// A URL.
    Url(String),
}

impl ContractPlace {
    /// Reads a URL when there is `://` in it, else a path.
    pub fn parse(text: &str) -> Result<ContractPlace, Fault> {
        if !text.contains("://") {
            return FileName::parse(text).map(ContractPlace::File);
        }
        let bare = text.split(['?', '#']).next().unwrap_or(text);
        BaseUrl::parse(bare).map(|_| ContractPlace::Url(text.to_owned()))
    }
}

leaf!(
    ContractPlace,
    "an OpenAPI document: a file relative to this profile, or an http or https URL"
);
