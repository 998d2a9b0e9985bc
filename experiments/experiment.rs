//! What an experiment is: a claim about a figure of a paper, with the numbers that judge it.

use clap::ValueEnum;
use crosscurrent::io::{self, Provenance};
use crosscurrent::plot::Figure;
use crosscurrent::{Error, Result, Seed};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::{Deserialize, Serialize};
use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

/// One figure of a paper.
pub trait Experiment: Sync {
    /// Name of the sub-command and of the folder: authors and year.
    fn name(&self) -> &'static str;

    /// The paper.
    fn source(&self) -> &'static str;

    /// The file that it needs below the folder of the data and does not find.
    fn missing(&self, _context: &Context) -> Option<String> {
        None
    }

    /// Computes everything; the caller writes it.
    fn run(&self, context: &Context) -> Result<Findings>;
}

/// How large a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Size {
    /// Seconds; shows only that everything runs
    Smoke,
    /// Sized for two cores
    Default,
    /// As the figure manifest has it; untimed
    Paper,
}

/// What an experiment found.
#[derive(Default)]
pub struct Findings {
    /// Figures with the stem of their files.
    pub figures: Vec<(String, Figure)>,
    /// Header and rows of data.csv.
    pub data: (Vec<&'static str>, Vec<Vec<String>>),
    /// The checks, by panel.
    pub checks: Vec<Check>,
}

/// A claim that a number decides.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Check {
    /// Panel of the figure.
    pub panel: String,
    /// The claim, in words.
    pub claim: String,
    /// Where the expected value comes from.
    pub source: String,
    /// Expected value.
    pub expected: f64,
    /// Distance from it that is still a pass; for one-sided claims the bound is `expected` itself.
    pub tolerance: f64,
    /// Which side is right.
    pub side: Side,
    /// Measured value.
    pub measured: f64,
    /// False in smoke runs, whose sizes are too small to judge anything.
    pub judged: bool,
}

/// How the measured value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// |measured - expected| <= tolerance
    Near,
    /// measured >= expected
    AtLeast,
    /// measured <= expected
    AtMost,
}

/// Outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Pass,
    Fail,
    NotJudged,
}

impl Check {
    /// What came out; a value that is no number fails.
    pub fn verdict(&self) -> Verdict {
        let pass = match self.side {
            Side::Near => (self.measured - self.expected).abs() <= self.tolerance,
            Side::AtLeast => self.measured >= self.expected,
            Side::AtMost => self.measured <= self.expected,
        };
        match (self.judged, pass) {
            (false, _) => Verdict::NotJudged,
            (true, true) => Verdict::Pass,
            (true, false) => Verdict::Fail,
        }
    }
}

/// What the options come to.
pub struct Context {
    /// Size of the run.
    pub size: Size,
    /// Seed of every random number.
    pub seed: Seed,
    /// Folder of the folders of results.
    pub root: PathBuf,
    /// Folder of recordings and labelled series that are no part of the repository.
    pub data: PathBuf,
    /// The bars on the terminal, if there are any.
    bars: MultiProgress,
    stop: Arc<AtomicBool>,
}

impl Context {
    /// Starts threads, catches Ctrl-C.
    pub fn new(command: &super::Command) -> Result<Self> {
        let refused = |_| Error::parameter("threads", command.threads, "a number of threads that this machine can start");
        rayon::ThreadPoolBuilder::new().num_threads(command.threads).build_global().map_err(refused)?;
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        let handler = move || {
            if flag.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        };
        ctrlc::set_handler(handler).map_err(|e| Error::parameter("Ctrl-C", e, "a process without another handler"))?;
        let size = if command.smoke { Size::Smoke } else { command.size };
        if command.publish && size == Size::Smoke {
            return Err(Error::parameter("--publish", "smoke", "the default or the paper size: smoke runs judge nothing"));
        }
        let root = match (&command.out, command.publish) {
            (Some(out), _) => out.clone(),
            (None, true) => PathBuf::from("figures"),
            (None, false) => Path::new("target").join("reproduce"),
        };
        let visible = !command.quiet && std::io::stderr().is_terminal();
        let bars = MultiProgress::with_draw_target(if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
        Ok(Context { size, seed: Seed(command.seed), root, data: command.data.clone(), bars, stop })
    }

    /// One of three values, by the size of the run.
    pub fn pick<T>(&self, smoke: T, default: T, paper: T) -> T {
        match self.size {
            Size::Smoke => smoke,
            Size::Default => default,
            Size::Paper => paper,
        }
    }

    /// A check of this run: (panel, source of the expectation), claim, measured value, (side, expected value, tolerance).
    pub fn check(&self, place: (&str, &str), claim: impl Into<String>, measured: f64, wanted: (Side, f64, f64)) -> Check {
        Check {
            panel: place.0.into(),
            claim: claim.into(),
            source: place.1.into(),
            expected: wanted.1,
            tolerance: wanted.2,
            side: wanted.0,
            measured,
            judged: self.size != Size::Smoke,
        }
    }

    /// Break once the user asked to stop.
    pub fn go_on(&self) -> ControlFlow<()> {
        if self.stop.load(Ordering::SeqCst) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// A progress bar of `length` units on a terminal.
    pub fn progress(&self, length: usize, message: &str) -> ProgressBar {
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta} left").expect("the template is valid");
        self.bars.add(ProgressBar::new(length as u64).with_style(style).with_message(message.to_string()))
    }

    /// Runs an experiment and writes its folder.
    pub fn run(&self, experiment: &dyn Experiment) -> Result<Vec<Check>> {
        let start = SystemTime::now();
        let folder = self.root.join(experiment.name());
        io::create_folder(&folder)?;
        let findings = experiment.run(self)?;
        for (stem, figure) in &findings.figures {
            figure.save(&folder, stem)?;
        }
        io::write_rows(&folder.join("data.csv"), &findings.data.0, &findings.data.1)?;
        write_checks(&folder.join("checks.toml"), &findings.checks)?;
        let mut provenance = Provenance::new(command_line(), self.seed, start);
        provenance.seconds = start.elapsed().ok().map(|d| d.as_secs_f64());
        provenance.section("run", &Run { size: self.size })?;
        provenance.write(&folder.join("provenance.toml"))?;
        Ok(findings.checks)
    }
}

/// The command as it was typed, without the folder of the program.
fn command_line() -> String {
    std::iter::once("reproduce".to_string()).chain(std::env::args().skip(1)).collect::<Vec<_>>().join(" ")
}

#[derive(Serialize)]
struct Run {
    size: Size,
}

/// The checks that an experiment wrote into `folder`; `None` where it has not run.
///
/// # Errors
/// A file that is not one of ours.
pub fn read_checks(folder: &Path) -> Result<Option<Vec<Check>>> {
    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        check: Vec<Check>,
    }
    let path = folder.join("checks.toml");
    if path.exists() { io::read_toml::<File>(&path).map(|file| Some(file.check)) } else { Ok(None) }
}

/// One table `[[check]]` each, with its verdict.
fn write_checks(path: &Path, checks: &[Check]) -> Result<()> {
    #[derive(Serialize)]
    struct Judged<'a> {
        #[serde(flatten)]
        check: &'a Check,
        verdict: Verdict,
    }
    #[derive(Serialize)]
    struct File<'a> {
        check: Vec<Judged<'a>>,
    }
    let file = File { check: checks.iter().map(|check| Judged { check, verdict: check.verdict() }).collect() };
    let text = toml::to_string(&file).map_err(|e| Error::parameter("checks", e, "values that TOML can hold"))?;
    io::write_atomically(path, |out| out.write_all(text.as_bytes()))
}

/// Median over networks; of an even number, the mean of the two in the middle. Single networks of finite size can lie far from the others
/// (one that hardly moves has no half width: that counts as infinite), which a mean would follow.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let count = values.len();
    if count == 0 { f64::NAN } else { 0.5 * (values[count / 2] + values[(count - 1) / 2]) }
}
