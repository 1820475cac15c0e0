//! Cookies as answers set them (RFC 6265bis §4.1). Their values are not kept.

use crate::model::exchange::Reply;

/// One `Set-Cookie` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    attributes: Vec<(String, String)>,
}

/// Parts of names that stand for a session or a credential.
const SESSION: &[&str] = &[
    "sess", "sid", "auth", "token", "jwt", "identity", "login", "remember",
];

/// Parts of names of what scripts must be able to read, or nobody is known by.
const PUBLIC: &[&str] = &["csrf", "xsrf", "affinity", "awsalb", "consent"];

impl Cookie {
    /// Every cookie that an answer sets, those that it deletes left out.
    pub fn of(reply: &Reply) -> Vec<Cookie> {
        reply
            .values("set-cookie")
            .map(|line| Cookie::parse(&line))
            .filter(|cookie| cookie.value_of("max-age") != Some("0"))
            .collect()
    }

    fn parse(line: &str) -> Cookie {
        let mut parts = line.split(';');
        let name = parts
            .next()
            .and_then(|pair| pair.split('=').next())
            .unwrap_or_default();
        let attributes = parts.map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (
                name.trim().to_ascii_lowercase(),
                value.trim().to_ascii_lowercase(),
            )
        });
        Cookie {
            name: name.trim().to_owned(),
            attributes: attributes.collect(),
        }
    }

    /// Whether its name says that somebody is known by it.
    pub fn is_session(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        has(SESSION) && !has(PUBLIC)
    }

    /// Whether it has this attribute.
    pub fn has(&self, attribute: &str) -> bool {
        self.value_of(attribute).is_some()
    }

    /// The value of an attribute, lower-case. The last one counts.
    pub fn value_of(&self, attribute: &str) -> Option<&str> {
        let mut same = self.attributes.iter().rev().filter(|(name, _)| name == attribute);
        same.next().map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_without_case() {
        let cookie = Cookie::parse("JSESSIONID=[credential:32]; Path=/; SECURE; SameSite=None");
        assert!(cookie.is_session() && cookie.has("secure") && !cookie.has("httponly"));
        assert_eq!(cookie.value_of("samesite"), Some("none"));
    }

    #[test]
    fn not_every_cookie_is_a_session() {
        for name in ["csrftoken", "XSRF-TOKEN", "AWSALBCORS", "theme", "_ga"] {
            assert!(!Cookie::parse(&format!("{name}=1")).is_session(), "{name}");
        }
        for name in [
            "session",
            "connect.sid",
            "PHPSESSID",
            "__Host-auth",
            "access_token",
        ] {
            assert!(Cookie::parse(&format!("{name}=1")).is_session(), "{name}");
        }
    }
}
