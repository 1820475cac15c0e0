//! Operations as their contract describes them: what goes in, what may come out, who may call.

use crate::contract::security::Security;

/// One method of one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The method, in capitals except where the document spells an additional one otherwise (OpenAPI 3.2).
    pub method: String,
    /// The path template, such as `/notes/{id}`, without any server's prefix.
    pub template: String,
    /// `operationId`, when there is one.
    pub operation_id: Option<String>,
    /// Whether it is marked as deprecated.
    pub deprecated: bool,
    /// Who may call.
    pub security: Security,
    /// Path, query, header and cookie parameters, those of the path item included.
    pub parameters: Vec<Parameter>,
    /// The request body, when one is described.
    pub request_body: Option<RequestBody>,
    /// The responses, exact statuses first, then ranges, then `default`.
    pub responses: Vec<ResponseSpec>,
    /// The path part of each server URL that applies, without a trailing slash; `""` for the root.
    pub server_paths: Vec<String>,
    /// JSON Pointer of the Operation Object.
    pub pointer: String,
}

impl Operation {
    /// The response that documents `status`: the exact one, else its range, else `default` (OpenAPI §4.8.16).
    pub fn response(&self, status: u16) -> Option<&ResponseSpec> {
        let range = StatusKey::Range(u8::try_from(status / 100).unwrap_or(0));
        [StatusKey::Exact(status), range, StatusKey::Default]
            .iter()
            .find_map(|key| self.responses.iter().find(|response| response.status == *key))
    }

    /// `METHOD template`, as people name an operation.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name; header names compare without case.
    pub name: String,
    /// `path`, `query`, `header`, `cookie` or `querystring`.
    pub location: String,
    /// Whether a request without it is invalid. Always true in a path.
    pub required: bool,
    /// JSON Pointer of its schema.
    pub schema: Option<String>,
    /// JSON Pointer of the Parameter Object.
    pub pointer: String,
}

/// A request body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestBody {
    /// Whether a request without a body is invalid.
    pub required: bool,
    /// The media types it may have, sorted.
    pub media: Vec<MediaSpec>,
    /// JSON Pointer of the Request Body Object.
    pub pointer: String,
}

/// A documented response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseSpec {
    /// Which statuses it documents.
    pub status: StatusKey,
    /// The media types it may have, sorted; none when no body is described.
    pub media: Vec<MediaSpec>,
    /// Its headers, sorted by name. `Content-Type` is not among them: the specification ignores it there.
    pub headers: Vec<HeaderSpec>,
    /// JSON Pointer of the Response Object.
    pub pointer: String,
}

/// What stands as a key under `responses`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusKey {
    /// One status code.
    Exact(u16),
    /// A hundred of them: 2 for `2XX`.
    Range(u8),
    /// Whatever has no key of its own.
    Default,
}

impl StatusKey {
    /// Reads a key under `responses`.
    pub fn parse(key: &str) -> Option<StatusKey> {
        if key == "default" {
            return Some(StatusKey::Default);
        }
        let bytes = key.as_bytes();
        let hundreds = bytes.first().filter(|digit| (b'1'..=b'5').contains(digit))? - b'0';
        match bytes.get(1..)? {
            [b'X' | b'x', b'X' | b'x'] => Some(StatusKey::Range(hundreds)),
            [tens, ones] if tens.is_ascii_digit() && ones.is_ascii_digit() => {
                key.parse().ok().map(StatusKey::Exact)
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for StatusKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StatusKey::Exact(status) => write!(f, "{status}"),
            StatusKey::Range(hundreds) => write!(f, "{hundreds}XX"),
            StatusKey::Default => f.write_str("default"),
        }
    }
}

/// A response header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderSpec {
    /// Its name, as written.
    pub name: String,
    /// Whether a response without it breaks the contract.
    pub required: bool,
    /// JSON Pointer of the Header Object.
    pub pointer: String,
}

/// One media type of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaSpec {
    /// The media type or range, as written.
    pub media_type: String,
    /// JSON Pointer of its schema.
    pub schema: Option<String>,
    /// JSON Pointer of the Media Type Object.
    pub pointer: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_keys_read_as_they_are_written_and_nothing_else_does() {
        for key in ["200", "404", "2XX", "default"] {
            assert_eq!(StatusKey::parse(key).unwrap().to_string(), key);
        }
        for key in ["", "20", "2000", "6XX", "099", "2X0", "ok", "２00", "Default"] {
            assert_eq!(StatusKey::parse(key), None, "{key}");
        }
    }
}
