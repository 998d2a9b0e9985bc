//! Everything that can go wrong, with the numbers that say why.

use std::path::PathBuf;

/// The result of every fallible call of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, with what was expected and what was found.
///
/// Every message is one line that says what was expected, what was found and, where it is not obvious, what to do.
///
/// ```
/// use crosscurrent::{Clock, Error};
/// let error = Clock::new(-0.1, 1.0).unwrap_err();
/// assert!(matches!(error, Error::Parameter { .. }));
/// assert!(error.to_string().contains("-0.1"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two shapes that have to agree do not.
    #[error("{what}: expected {expected}, found {found}")]
    Shape {
        /// What was being built or read.
        what: String,
        /// The shape that was needed.
        expected: String,
        /// The shape that was given.
        found: String,
    },
    /// A parameter lies outside its range.
    #[error("{name} = {value}: expected {expected}")]
    Parameter {
        /// Name of the parameter as the user wrote it.
        name: String,
        /// The value that was given.
        value: String,
        /// The range or the choices.
        expected: String,
    },
    /// A region was named that does not exist.
    #[error("unknown region '{name}': the regions are {known}")]
    UnknownRegion {
        /// The name that was asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// Data hold a value that cannot be used.
    #[error("{what}: {problem}; {remedy}")]
    Data {
        /// Which data.
        what: String,
        /// What is wrong with them, with the place.
        problem: String,
        /// What the user can do.
        remedy: String,
    },
    /// A simulation or a fit left the range of finite numbers.
    #[error("{what} diverged at t = {time_s} s (|x| = {size:e}): reduce dt or the gain")]
    Diverged {
        /// What was running.
        what: String,
        /// Simulated time of the first bad step, in seconds.
        time_s: f64,
        /// Largest modulus found there.
        size: f64,
    },
    /// An iteration did not reach its tolerance.
    #[error("{what} did not converge: residual {residual:e} after {iterations} iterations, tolerance {tolerance:e}")]
    NotConverged {
        /// What was being solved.
        what: String,
        /// The residual that was left.
        residual: f64,
        /// Iterations spent.
        iterations: usize,
        /// The residual that was wanted.
        tolerance: f64,
    },
    /// A file could not be read or written.
    #[error("{}: {problem}; {remedy}", one_line(path.display()))]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What the user can do.
        remedy: String,
    },
    /// The caller asked for the work to stop (Ctrl-C).
    #[error("stopped on request")]
    Cancelled,
}

impl Error {
    /// A [`Error::Parameter`] from anything that prints.
    pub fn parameter(name: impl Into<String>, value: impl std::fmt::Display, expected: impl Into<String>) -> Self {
        Error::Parameter { name: one_line(name.into()), value: one_line(value), expected: expected.into() }
    }

    /// A [`Error::Shape`] from anything that prints.
    pub fn shape(what: impl Into<String>, expected: impl std::fmt::Display, found: impl std::fmt::Display) -> Self {
        Error::Shape { what: one_line(what.into()), expected: one_line(expected), found: one_line(found) }
    }

    /// A [`Error::Data`] from anything that prints.
    pub fn data(what: impl Into<String>, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Error::Data { what: one_line(what.into()), problem: one_line(problem.into()), remedy: remedy.into() }
    }

    /// A [`Error::File`] from anything that prints.
    pub fn file(path: impl Into<PathBuf>, problem: impl std::fmt::Display, remedy: impl Into<String>) -> Self {
        Error::File { path: path.into(), problem: one_line(problem), remedy: remedy.into() }
    }
}

/// The text with control characters escaped: what files and users write into a message must not break its line.
fn one_line(text: impl std::fmt::Display) -> String {
    let text = text.to_string();
    if !text.contains(char::is_control) {
        return text;
    }
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

/// `value` when it is finite and inside `range`; the one-line error otherwise.
pub(crate) fn in_range(name: &str, value: f64, range: impl std::ops::RangeBounds<f64>, expected: &str) -> Result<f64> {
    if value.is_finite() && range.contains(&value) { Ok(value) } else { Err(Error::parameter(name, value, expected)) }
}

/// `value` when it is finite and greater than zero; the one-line error otherwise.
pub(crate) fn positive(name: &str, value: f64) -> Result<f64> {
    if value.is_finite() && value > 0.0 { Ok(value) } else { Err(Error::parameter(name, value, "a finite number greater than 0")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_on_one_line_whatever_the_file_wrote_into_it() {
        let errors = [
            Error::file("a\nb.npz", "unknown type '<f\n8'", "save it again"),
            Error::data("array 'x\ty'", "bad\r\nvalue", "repair it"),
            Error::parameter("gain\n", "\u{1b}[31m", "a number"),
            Error::shape("J\n", "2 rows", "hippocampus β\n"),
        ];
        for error in &errors {
            assert!(!error.to_string().contains(char::is_control), "{error:?}");
        }
        assert_eq!(errors[0].to_string(), r"a\nb.npz: unknown type '<f\n8'; save it again");
        assert!(errors[3].to_string().contains("hippocampus β"));
    }
}
