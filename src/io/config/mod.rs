//! Settings from TOML, with errors that name file, line, column and the nearest known key.

mod locate;

use crate::error::{Error, Result};
use locate::Tree;
use serde::de::DeserializeOwned;
use std::path::Path;

/// Reads settings from a TOML file.
///
/// ```
/// #[derive(Debug, serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Settings {
///     gain: f64,
/// }
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("study.toml");
/// std::fs::write(&path, "gain = 1.5").unwrap();
/// let settings: Settings = crosscurrent::io::read_toml(&path)?;
/// assert_eq!(settings.gain, 1.5);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::File`] when the file cannot be read, [`Error::Data`] as [`parse_toml`].
pub fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = String::from_utf8(super::open_text(path)?)
        .map_err(|_| Error::file(path, "expected UTF-8 text, found other bytes", "save it as TOML in UTF-8"))?;
    parse_toml(&text, &path.display().to_string())
}

/// Reads settings from TOML text; `origin` is how errors call it.
///
/// ```
/// #[derive(Debug, serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Settings {
///     gain: f64,
/// }
/// let error = crosscurrent::io::parse_toml::<Settings>("gain = 1.5\ngian = 2\n", "study.toml").unwrap_err();
/// assert_eq!(error.to_string(), "study.toml:2:1: unknown key 'gian': expected 'gain'; did you mean 'gain'?");
/// ```
///
/// # Errors
/// [`Error::Data`] in one line: `origin:line:column: what is wrong; what to do`.
pub fn parse_toml<T: DeserializeOwned>(text: &str, origin: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| explain(text, origin, &error))
}

fn explain(text: &str, origin: &str, error: &toml::de::Error) -> Error {
    let message = error.message().lines().map(str::trim).collect::<Vec<_>>().join(", ");
    let complaint = Complaint::of(&message);
    // Settings that choose their kind by a key are buffered on the way, and lose their place in the text: then it is searched.
    let start = Tree::parse(text).and_then(|tree| tree.start(&complaint, error.span())).or(error.span().map(|span| span.start));
    let place = start.map_or_else(|| origin.to_string(), |start| format!("{origin}{}", position(text, start)));
    let (problem, remedy) = complaint.words();
    Error::data(place, problem, remedy)
}

/// `:line:column`, both counted from 1.
fn position(text: &str, start: usize) -> String {
    let before = text.get(..start).unwrap_or(text);
    let line = 1 + before.matches('\n').count();
    let column = 1 + before.chars().rev().take_while(|&letter| letter != '\n').count();
    format!(":{line}:{column}")
}

/// What serde complains about, taken out of its words.
enum Complaint {
    UnknownKey { found: String, known: Vec<String> },
    UnknownChoice { found: String, known: Vec<String> },
    MissingKey { name: String },
    WrongValue { found: String, expected: String },
    Other { message: String },
}

impl Complaint {
    fn of(message: &str) -> Complaint {
        let quoted: Vec<String> = message.split('`').skip(1).step_by(2).map(str::to_string).collect();
        let named = |prefix: &str| message.starts_with(prefix).then(|| quoted.first().cloned()).flatten();
        let known = || quoted.iter().skip(1).cloned().collect();
        if let Some(found) = named("unknown field `") {
            return Complaint::UnknownKey { found, known: known() };
        }
        if let Some(found) = named("unknown variant `") {
            return Complaint::UnknownChoice { found, known: known() };
        }
        if let Some(name) = named("missing field `") {
            return Complaint::MissingKey { name };
        }
        let wrong = ["invalid type: ", "invalid value: "].iter().find_map(|prefix| message.strip_prefix(prefix));
        match wrong.and_then(|rest| rest.rsplit_once(", expected ")) {
            Some((found, expected)) => Complaint::WrongValue { found: found.to_string(), expected: expected.to_string() },
            None => Complaint::Other { message: message.to_string() },
        }
    }

    /// What is wrong, and what to do.
    fn words(&self) -> (String, String) {
        match self {
            Complaint::UnknownKey { found, known } => {
                (format!("unknown key '{found}': expected {}", choices(known)), suggestion(found, known, "remove it or correct its name"))
            }
            Complaint::UnknownChoice { found, known } => {
                (format!("unknown choice '{found}': expected {}", choices(known)), suggestion(found, known, "choose one of them"))
            }
            Complaint::MissingKey { name } => (format!("the key '{name}' is missing"), format!("add '{name} = ...'")),
            Complaint::WrongValue { found, expected } => {
                (format!("expected {}, found {}", plain_type(expected), found.replace('`', "")), "correct the value".to_string())
            }
            Complaint::Other { message } => (message.replace('`', "'"), "correct the text there".to_string()),
        }
    }
}

/// Rust's names of types mean nothing to someone who writes TOML.
fn plain_type(expected: &str) -> &str {
    match expected {
        "f64" | "f32" => "a number",
        "usize" | "u64" | "u32" | "u16" | "u8" => "a whole number of at least 0",
        "i64" | "i32" | "isize" => "a whole number",
        "a boolean" | "bool" => "true or false",
        "a sequence" => "a list in [ ]",
        other => other,
    }
}

fn choices(known: &[String]) -> String {
    let quoted: Vec<String> = known.iter().map(|name| format!("'{name}'")).collect();
    match &quoted[..] {
        [] => "no key here".to_string(),
        [only] => only.clone(),
        several => format!("one of {}", several.join(", ")),
    }
}

fn suggestion(found: &str, known: &[String], otherwise: &str) -> String {
    match nearest(found, known) {
        Some(name) => format!("did you mean '{name}'?"),
        None => otherwise.to_string(),
    }
}

/// The name that is closest to `found`, if one is close enough to be a slip of the pen.
fn nearest<'a>(found: &str, known: &'a [String]) -> Option<&'a str> {
    let allowed = (found.chars().count() / 3).max(2);
    let best = known.iter().map(|name| (distance(&found.to_lowercase(), &name.to_lowercase()), name)).min()?;
    (best.0 <= allowed && best.0 < found.chars().count()).then_some(best.1.as_str())
}

/// Letters to insert, delete or replace (Levenshtein 1966).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
