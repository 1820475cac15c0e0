//! The languages that the OpenAI transcription API lists as supported, with the names that its answers use.

/// ISO 639-1 code and name, ordered by code.
const LANGUAGES: [(&str, &str); 57] = [
    ("af", "afrikaans"),
    ("ar", "arabic"),
    ("az", "azerbaijani"),
    ("be", "belarusian"),
    ("bg", "bulgarian"),
    ("bs", "bosnian"),
    ("ca", "catalan"),
    ("cs", "czech"),
    ("cy", "welsh"),
    ("da", "danish"),
    ("de", "german"),
    ("el", "greek"),
    ("en", "english"),
    ("es", "spanish"),
    ("et", "estonian"),
    ("fa", "persian"),
    ("fi", "finnish"),
    ("fr", "french"),
    ("gl", "galician"),
    ("he", "hebrew"),
    ("hi", "hindi"),
    ("hr", "croatian"),
    ("hu", "hungarian"),
    ("hy", "armenian"),
    ("id", "indonesian"),
    ("is", "icelandic"),
    ("it", "italian"),
    ("ja", "japanese"),
    ("kk", "kazakh"),
    ("kn", "kannada"),
    ("ko", "korean"),
    ("lt", "lithuanian"),
    ("lv", "latvian"),
    ("mi", "maori"),
    ("mk", "macedonian"),
    ("mr", "marathi"),
    ("ms", "malay"),
    ("ne", "nepali"),
    ("nl", "dutch"),
    ("no", "norwegian"),
    ("pl", "polish"),
    ("pt", "portuguese"),
    ("ro", "romanian"),
    ("ru", "russian"),
    ("sk", "slovak"),
    ("sl", "slovenian"),
    ("sr", "serbian"),
    ("sv", "swedish"),
    ("sw", "swahili"),
    ("ta", "tamil"),
    ("th", "thai"),
    ("tl", "tagalog"),
    ("tr", "turkish"),
    ("uk", "ukrainian"),
    ("ur", "urdu"),
    ("vi", "vietnamese"),
    ("zh", "chinese"),
];

/// The name of a language by its code, when it is supported. Regional tags are not: the real API refuses them.
#[must_use]
pub fn name_of(code: &str) -> Option<&'static str> {
    LANGUAGES
        .binary_search_by_key(&code, |(known, _)| known)
        .ok()
        .map(|index| LANGUAGES[index].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_code_and_no_regional_tag() {
        for (code, name) in LANGUAGES {
            assert_eq!(name_of(code), Some(name));
        }
        for unknown in ["pt-BR", "PT", "xx", "", "portuguese"] {
            assert_eq!(name_of(unknown), None, "{unknown}");
        }
    }
}
