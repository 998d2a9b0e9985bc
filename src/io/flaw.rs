//! Flaw: what is wrong inside a file, before it is known which file.

use crate::error::Error;
use std::path::Path;

/// What is wrong with some bytes, and what the user can do; a path makes it an [`Error`].
#[derive(Debug)]
pub(super) struct Flaw {
    pub problem: String,
    pub remedy: String,
}

pub(super) type Checked<T> = std::result::Result<T, Flaw>;

impl Flaw {
    pub fn new(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Flaw { problem: problem.into(), remedy: remedy.into() }
    }

    /// Bytes end early or contradict each other.
    pub fn damaged(problem: impl Into<String>) -> Self {
        Flaw::new(problem, "the file is damaged or was cut off: copy or save it again")
    }

    /// The same flaw, with the place where it was found.
    pub fn inside(self, place: &str) -> Self {
        Flaw { problem: format!("{place}: {}", self.problem), ..self }
    }

    pub fn at(self, path: &Path) -> Error {
        Error::file(path, self.problem, self.remedy)
    }
}

impl From<std::io::Error> for Flaw {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::UnexpectedEof {
            return Flaw::damaged("the data end early");
        }
        Flaw::damaged(format!("cannot be read ({error})"))
    }
}
