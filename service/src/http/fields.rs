//! Reading the fields of a JSON object, collecting everything that is wrong instead of stopping at the first.

use serde_json::{Map, Value};

use crate::http::problem::FieldError;

/// Reads fields out of one object and remembers what is wrong with them.
///
/// `null` counts as absent, and unknown fields are ignored, as the original does both.
pub struct Fields {
    object: Map<String, Value>,
    pointer: String,
    errors: Vec<FieldError>,
}

impl Fields {
    /// The fields of a whole body.
    ///
    /// # Errors
    /// When the body is no object.
    pub fn of(value: Value) -> Result<Self, Vec<FieldError>> {
        match value {
            Value::Object(object) => Ok(Self {
                object,
                pointer: String::new(),
                errors: Vec::new(),
            }),
            other => Err(vec![FieldError {
                pointer: String::new(),
                detail: wrong_type("an object", &other),
            }]),
        }
    }

    /// A text of at most `max` characters, without NUL.
    pub fn text(&mut self, name: &str, max: usize) -> Option<String> {
        let text = self.string(name)?;
        if text.contains('\0') {
            return self.wrong(name, "may not contain the NUL character".to_owned());
        }
        // Bytes first: counting the characters of a large text is not free.
        if text.len() > max && text.chars().count() > max {
            return self.wrong(name, format!("may have at most {max} characters"));
        }
        Some(text)
    }

    /// A text of 1 to `max` characters, without NUL, that must be there.
    pub fn needed(&mut self, name: &str, max: usize) -> Option<String> {
        let wrong = self.errors.len();
        match self.text(name, max) {
            Some(text) if !text.is_empty() => Some(text),
            _ if self.errors.len() > wrong => None,
            _ => self.wrong(name, "is needed".to_owned()),
        }
    }

    /// A text that only the body's own limit bounds.
    pub fn string(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            other => self.wrong(name, wrong_type("a string", &other)),
        }
    }

    /// A list of strings, which has to be there.
    pub fn strings(&mut self, name: &str) -> Option<Vec<String>> {
        let entries = match self.take(name) {
            Some(Value::Array(entries)) => entries,
            Some(other) => return self.wrong(name, wrong_type("an array", &other)),
            None => return self.wrong(name, "is needed".to_owned()),
        };
        let text = |entry: Value| match entry {
            Value::String(text) => Ok(text),
            other => Err(format!("holds {}, not only strings", kind(&other))),
        };
        match entries.into_iter().map(text).collect() {
            Ok(texts) => Some(texts),
            Err(why) => self.wrong(name, why),
        }
    }

    /// A truth value.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(value) => Some(value),
            other => self.wrong(name, wrong_type("true or false", &other)),
        }
    }

    /// Reads an inner object with `read`, whose errors become ours.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        match self.take(name)? {
            Value::Object(object) => {
                let pointer = format!("{}/{name}", self.pointer);
                let mut inner = Self {
                    object,
                    pointer,
                    errors: Vec::new(),
                };
                let value = read(&mut inner);
                self.errors.append(&mut inner.errors);
                Some(value)
            }
            other => self.wrong(name, wrong_type("an object", &other)),
        }
    }

    /// Says that a field is wrong.
    pub fn wrong<T>(&mut self, name: &str, detail: String) -> Option<T> {
        let pointer = format!("{}/{name}", self.pointer);
        self.errors.push(FieldError { pointer, detail });
        None
    }

    /// The value, when nothing was wrong.
    ///
    /// # Errors
    /// Everything that was.
    pub fn finish<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.errors.is_empty() {
            Ok(value)
        } else {
            Err(self.errors)
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.object.remove(name).filter(|value| !value.is_null())
    }
}

fn wrong_type(wanted: &str, found: &Value) -> String {
    format!("must be {wanted}, not {}", kind(found))
}

fn kind(found: &Value) -> &'static str {
    match found {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
