//! Session: what every command shares: where results go, how they are told, and when to stop.

use super::Global;
use crate::error::{Error, Result};
use crate::io;
use crate::seed::Seed;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

/// What the options that every command takes come to.
#[derive(Clone, Debug)]
pub struct Session {
    json: bool,
    quiet: bool,
    seed: Seed,
    out: Option<PathBuf>,
    stop: Arc<AtomicBool>,
    started: SystemTime,
}

impl Session {
    /// Sets the number of threads and catches Ctrl-C.
    ///
    /// # Errors
    /// More threads than can be had.
    pub fn new(global: &Global) -> Result<Self> {
        let refused = |_| Error::parameter("threads", global.threads, "a number of threads that this machine can start");
        rayon::ThreadPoolBuilder::new().num_threads(global.threads).build_global().map_err(refused)?;
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        // The second Ctrl-C does not wait for the work to reach a place where it can stop.
        let handler = move || {
            if flag.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        };
        // A process has one handler; a second session (in tests) keeps the first one.
        let _ = ctrlc::set_handler(handler);
        Ok(Session {
            json: global.json,
            quiet: global.quiet,
            seed: Seed(global.seed),
            out: global.out.clone(),
            stop,
            started: SystemTime::now(),
        })
    }

    /// The seed of the command.
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// Whether the result is told as JSON.
    pub fn json(&self) -> bool {
        self.json
    }

    /// The folder for results, made and probed now so that a long job does not fail at its end.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn folder(&self, default: &str) -> Result<PathBuf> {
        let folder = self.out.clone().unwrap_or_else(|| Path::new("target").join("crosscurrent").join(default));
        io::create_folder(&folder)?;
        Ok(folder)
    }

    /// Writes how the results in `folder` were made: the command, the files that it read, the settings under their names.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub fn provenance(&self, folder: &Path, inputs: &[&Path], settings: &[(&str, &dyn erased::Settings)]) -> Result<()> {
        let mut provenance = io::Provenance::new(command_line(), self.seed, self.started);
        provenance.input = inputs.iter().map(|path| io::InputFile::of(path)).collect::<Result<_>>()?;
        for (name, settings) in settings {
            settings.put(&mut provenance, name)?;
        }
        provenance.seconds = self.started.elapsed().ok().map(|time| time.as_secs_f64());
        provenance.write(&folder.join("provenance.toml"))
    }

    /// Whether the user asked to stop.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Break once the user asked to stop.
    pub fn go_on(&self) -> ControlFlow<()> {
        if self.stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// A progress bar of `length` units on a terminal; hidden elsewhere and with `--quiet`.
    pub fn progress(&self, length: u64, message: &str) -> ProgressBar {
        let visible = !self.quiet && std::io::stderr().is_terminal();
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta} left").expect("the template is valid");
        ProgressBar::with_draw_target(Some(length), target).with_style(style).with_message(message.to_string())
    }

    /// A remark for the reader, on standard error.
    pub fn notice(&self, text: &str) {
        if !self.quiet {
            eprintln!("note: {text}");
        }
    }

    /// The result: `text` for people, `document` with `--json`.
    ///
    /// # Errors
    /// Standard output that is closed.
    pub fn report(&self, text: &str, document: &impl Serialize) -> Result<()> {
        let told = if self.json { serde_json::to_string_pretty(document).expect("results are plain data") } else { text.to_string() };
        match writeln!(std::io::stdout().lock(), "{}", told.trim_end()) {
            // Whoever reads may stop early (`| head`): that is not an error of ours.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Error::file("standard output", error, "check where it is sent"))
            }
            _ => Ok(()),
        }
    }
}

/// The command as it was typed, without the folder of the program; words with blanks in quotes.
pub(super) fn command_line() -> String {
    let word = |word: String| if word.contains(char::is_whitespace) || word.is_empty() { format!("'{word}'") } else { word };
    let typed = std::env::args_os().skip(1).map(|argument| word(argument.to_string_lossy().into_owned()));
    std::iter::once("crosscurrent".to_string()).chain(typed).collect::<Vec<_>>().join(" ")
}

/// Settings of any type behind a reference.
pub(super) mod erased {
    use crate::error::Result;
    use crate::io::Provenance;
    use serde::Serialize;

    /// Anything that a provenance can hold.
    pub trait Settings {
        /// Adds the settings as the section `name`.
        fn put(&self, provenance: &mut Provenance, name: &str) -> Result<()>;
    }

    impl<T: Serialize> Settings for T {
        fn put(&self, provenance: &mut Provenance, name: &str) -> Result<()> {
            provenance.section(name, self)
        }
    }
}
