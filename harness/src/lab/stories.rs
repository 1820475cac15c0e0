//! The bugs of the system that the reference service stands for: each fix in its history that a check from outside could
//! have asked for, told in one sentence, and the faults of the lab that show it.

use crate::model::matrix::Story as Told;

/// One bug that really happened.
#[derive(Debug, Clone, Copy)]
pub struct Story {
    /// Its number, from 1.
    pub row: u8,
    /// The commit that mended it, or the first of those that did.
    pub commit: &'static str,
    /// What happened, in one sentence.
    pub sentence: &'static str,
    /// What shows it.
    pub shown: Shown,
}

/// What shows a story.
#[derive(Debug, Clone, Copy)]
pub enum Shown {
    /// These faults of the lab.
    By(&'static [&'static str]),
    /// Nothing, since it is no fault of an API; why.
    NotOurs(&'static str),
    /// Nothing yet; what is lacking.
    NotYet(&'static str),
}

use Shown::{By, NotOurs, NotYet};

const fn story(row: u8, commit: &'static str, sentence: &'static str, shown: Shown) -> Story {
    Story {
        row,
        commit,
        sentence,
        shown,
    }
}

/// How many there are.
pub const ALL: usize = 45;

/// Every story.
pub const STORIES: &[Story] = &[
    story(
        1,
        "d51657d",
        "A call that was never awaited became a 500 without CORS headers, and an empty request crashed as well.",
        By(&["missing-await", "no-input-crash", "incident-as-it-was"]),
    ),
    story(
        2,
        "6415df4",
        "For 68 days every call with a good token was a 500 while health said healthy.",
        By(&["server-error-with-cors", "incident-as-it-was"]),
    ),
    story(
        3,
        "b5c14fc",
        "A syntax error kept the new build from starting, so nothing or the old build answered.",
        By(&["nothing-behind-the-edge", "nothing-listens", "old-version-live"]),
    ),
    story(
        4,
        "d39fb7a",
        "A dependency that nobody declared kept the service from starting in a clean installation.",
        By(&["nothing-behind-the-edge", "nothing-listens"]),
    ),
    story(
        5,
        "b5c14fc",
        "Refreshing a token was always a 500, so every session ended with its first token.",
        By(&["refresh-crashes"]),
    ),
    story(
        6,
        "73345b2",
        "The model refused the form of answer that it was asked for, and every text was a 500.",
        By(&["response-format-refused"]),
    ),
    story(
        7,
        "9976698",
        "The page sent pt-BR, the provider takes pt, and every Brazilian recording was a 500.",
        By(&["language-tag-refused"]),
    ),
    story(
        8,
        "9976698",
        "A public read of usage figures was always a 500, and nobody had ever asked for it.",
        By(&["public-read-crashes"]),
    ),
    story(
        9,
        "6db22f6",
        "A preview that asked for nothing to be saved was saved.",
        By(&["saves-unasked", "preview-kept"]),
    ),
    story(
        10,
        "6311447",
        "A name that was never defined made every call a 500 for six days.",
        By(&["server-error-with-cors", "missing-await"]),
    ),
    story(
        11,
        "3f33ae7",
        "The documented API key was refused by every route.",
        By(&["api-key-refused"]),
    ),
    story(
        12,
        "cfad8bb",
        "Writing with the documented API key was 401 on create, change and delete.",
        By(&["api-key-refused"]),
    ),
    story(
        13,
        "56f8fe1",
        "The client called a route that the service does not have.",
        By(&["path-not-served", "prefix-moved"]),
    ),
    story(
        14,
        "3fadeda",
        "The page sent its change without the Authorization header, and it was rightly refused.",
        NotOurs("the service was right: the page forgot its token, which only its own tests can see"),
    ),
    story(
        15,
        "b88d531",
        "The page sends null for the entity that it has not chosen, and that was refused with 422.",
        By(&["null-refused"]),
    ),
    story(
        16,
        "664bcac",
        "One bad document made every list and every search a 500.",
        By(&["public-read-crashes", "search-crashes"]),
    ),
    story(
        17,
        "1f8462f",
        "The entity's id was served under a misspelt name, and null under its own.",
        By(&["field-renamed", "field-null", "kept-field-lost"]),
    ),
    story(
        18,
        "5c2a0ca",
        "The curator's id was served under another name than the contract has.",
        By(&["field-renamed"]),
    ),
    story(
        19,
        "62c646d",
        "A change was answered 200 and changed nothing.",
        By(&["request-field-ignored"]),
    ),
    story(
        20,
        "460efc2",
        "The second record of one parent was a 500.",
        By(&["duplicate-crashes"]),
    ),
    story(
        21,
        "de449b7",
        "The state of a login was kept in one process, so a login across a restart was refused.",
        By(&["state-not-shared"]),
    ),
    story(
        22,
        "da2ab38",
        "Beginning to log in was a 500, since a name was not defined.",
        By(&["public-read-crashes"]),
    ),
    story(
        23,
        "a4d8b4c",
        "Records of an older form made reads a 500.",
        By(&["migration-missing", "public-read-crashes"]),
    ),
    story(
        24,
        "99c1463",
        "A long search that ends in a full stop was a 500.",
        By(&["search-crashes"]),
    ),
    story(
        25,
        "36647d3",
        "An opening parenthesis in a name filter was taken for a pattern, and was a 500.",
        By(&["search-crashes"]),
    ),
    story(
        26,
        "e30ddcb",
        "Changing an entity was a 500, since a name was not defined.",
        By(&["server-error-with-cors"]),
    ),
    story(
        27,
        "a47c396",
        "The body of a 500 showed the text of the exception.",
        By(&["stack-trace-leak"]),
    ),
    story(
        28,
        "938b797",
        "A setting of the test suite let anonymous callers in, in production.",
        By(&["auth-not-enforced", "test-user-header", "dev-login-live"]),
    ),
    story(
        29,
        "76be6b4",
        "The login sent its caller, token and all, to whatever address the link named.",
        By(&["login-returns-anywhere"]),
    ),
    story(
        30,
        "191be46",
        "Creating what is already there was a 500 in place of a 409.",
        By(&["duplicate-crashes"]),
    ),
    story(
        31,
        "9042317",
        "The routes that cost money could be used by anybody.",
        By(&["auth-not-enforced"]),
    ),
    story(
        32,
        "316d5d2",
        "A documented read was 404 for everybody, since it looked in the wrong collection.",
        By(&["path-not-served"]),
    ),
    story(
        33,
        "f91f557",
        "Links of the welcome page lacked a slash and were 404.",
        NotOurs("they are pages of the front end, which no check of an API crawls"),
    ),
    story(
        34,
        "a146ad9",
        "The service ignored the port that its platform gave it, and nobody could reach it.",
        By(&["nothing-behind-the-edge"]),
    ),
    story(
        35,
        "8035126",
        "The page refers to scripts that are 404.",
        NotOurs("they are files of the front end, which no check of an API crawls"),
    ),
    story(
        36,
        "70aadee",
        "A syntax error in a script kept the page from starting for a month.",
        NotOurs("it takes a browser that runs the page"),
    ),
    story(
        37,
        "9a58bd3",
        "The page asked for a value that the service no longer takes, and hid the 422.",
        By(&["valid-request-refused"]),
    ),
    story(
        38,
        "fab0216",
        "While one call waited for the provider, every other request stood still.",
        By(&["loop-blocked"]),
    ),
    story(
        39,
        "fab0216",
        "The handler of unexpected errors lost its CORS headers again, and its 500s their readers.",
        By(&["handler-outside-cors", "missing-await"]),
    ),
    story(
        40,
        "1a3bddb",
        "A refresh token passed for an access token.",
        By(&["refresh-token-accepted"]),
    ),
    story(
        41,
        "bf69f4b",
        "The address of an image could be one inside the cluster, and was fetched.",
        By(&["address-fetched"]),
    ),
    story(
        42,
        "7e11c0c",
        "Whoever may only read could write.",
        By(&["roles-unchecked"]),
    ),
    story(
        43,
        "f5da1e8",
        "Strangers could read everything, from any website, with credentials.",
        By(&[
            "auth-not-enforced",
            "open-to-all-and-everywhere",
            "wildcard-with-credentials",
        ]),
    ),
    story(
        44,
        "76d2894",
        "The places provider refused the fields that it was asked for.",
        NotOurs("it is the proxy of another provider; what the AI provider refuses is told in 6 and 7"),
    ),
    story(
        45,
        "cc24092",
        "The session's cookie was dropped on the way back, and the login went round in circles.",
        By(&["cookie-same-site-lax"]),
    ),
];

/// Every story, as the matrix tells it.
pub fn told() -> Vec<Told> {
    let told = |story: &Story| {
        let (shown_by, not_shown) = match story.shown {
            By(ids) => (ids.iter().map(|id| (*id).to_owned()).collect(), None),
            NotOurs(reason) | NotYet(reason) => (Vec::new(), Some(reason.to_owned())),
        };
        Told {
            number: story.row,
            commit: story.commit.to_owned(),
            sentence: story.sentence.to_owned(),
            shown_by,
            not_shown,
        }
    };
    STORIES.iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::lab::faults;

    #[test]
    fn every_story_is_told_once_and_in_order() {
        let rows: Vec<usize> = STORIES.iter().map(|story| usize::from(story.row)).collect();
        assert_eq!(rows, (1..=ALL).collect::<Vec<_>>());
        for story in STORIES {
            assert!(story.sentence.ends_with('.'), "{}", story.row);
            assert!(story.commit.len() == 7, "{}", story.row);
        }
    }

    #[test]
    fn what_shows_a_story_is_a_fault_of_the_lab_and_what_does_not_has_a_reason() {
        let known: BTreeSet<&str> = faults::all().map(|fault| fault.id).collect();
        for story in STORIES {
            match story.shown {
                By(ids) => {
                    assert!(!ids.is_empty(), "{}", story.row);
                    for id in ids {
                        assert!(known.contains(id), "story {}: there is no fault {id}", story.row);
                    }
                }
                NotOurs(reason) | NotYet(reason) => assert!(!reason.is_empty(), "{}", story.row),
            }
        }
    }

    #[test]
    fn the_matrix_tells_every_story() {
        let told = told();
        assert_eq!(told.len(), ALL);
        assert!(
            told.iter()
                .all(|story| story.shown_by.is_empty() == story.not_shown.is_some())
        );
    }
}
