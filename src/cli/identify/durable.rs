//! A run of a study that may end at any moment and be continued.

use super::super::Session;
use crate::error::{Error, Result};
use crate::identify::{Example, Trial};
use crate::io::{Journal, Record};
use indicatif::ProgressBar;
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Name of the file of finished trials in the folder of a study.
pub(in crate::cli) const JOURNAL: &str = "journal.csv";

/// Where there is no progress bar, a line is told as often as this.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// The finished trials of a folder, and what goes on with them.
pub(super) struct Run<'a> {
    session: &'a Session,
    journal: Mutex<Journal>,
    examples: Mutex<Vec<Example>>,
}

impl<'a> Run<'a> {
    /// Continues what is in `folder`, or starts `anew`.
    pub fn open(folder: &Path, session: &'a Session, anew: bool) -> Result<Run<'a>> {
        let path: PathBuf = folder.join(JOURNAL);
        if anew && path.exists() {
            std::fs::remove_file(&path).map_err(|error| Error::file(&path, error, "remove it by hand"))?;
        }
        Ok(Run { session, journal: Mutex::new(Journal::open(&path)?), examples: Mutex::default() })
    }

    /// Runs the trials that are not done, each on disk as soon as it is finished; gives all finished ones and the examples met on the way.
    pub fn finish(self, trials: &[&Trial]) -> Result<(HashMap<u64, Record>, Vec<Example>)> {
        let seed = self.session.seed();
        let pending: Vec<&Trial> = {
            let journal = self.journal.lock().expect("no thread has failed yet");
            trials.iter().copied().filter(|trial| !journal.done().contains_key(&trial.key(seed))).collect()
        };
        if pending.len() < trials.len() {
            self.session.notice(&format!("{} of {} trials were done before", trials.len() - pending.len(), trials.len()));
        }
        let bar = self.session.progress(pending.len() as u64, "trials");
        let pace = Pace { start: Instant::now(), told: Mutex::new(Instant::now()) };
        pending.par_iter().with_max_len(1).try_for_each(|trial| {
            if self.session.stopped() {
                return Err(Error::Cancelled);
            }
            self.one(trial)?;
            bar.inc(1);
            pace.tell(&bar, self.session);
            Ok(())
        })?;
        bar.finish_and_clear();
        let done = self.journal.into_inner().expect("no thread has failed").done().clone();
        Ok((done, self.examples.into_inner().expect("no thread has failed")))
    }

    fn one(&self, trial: &Trial) -> Result<()> {
        let (seed, start) = (self.session.seed(), Instant::now());
        let finished = trial.run(seed, &|_| self.session.go_on())?;
        let names = [trial.truth_label(), trial.method_label(), trial.repetition.to_string()];
        let mut journal = self.journal.lock().expect("no thread fails while it writes");
        journal.append(trial.key(seed), names.each_ref().map(String::as_str), start.elapsed().as_secs_f64(), &finished.scores)?;
        self.examples.lock().expect("no thread fails while it pushes").extend(finished.example);
        Ok(())
    }
}

/// How fast it goes, for those who read a log.
struct Pace {
    start: Instant,
    told: Mutex<Instant>,
}

impl Pace {
    fn tell(&self, bar: &ProgressBar, session: &Session) {
        let mut told = self.told.lock().expect("no thread fails while it tells");
        if !bar.is_hidden() || told.elapsed() < TELL_EVERY {
            return;
        }
        *told = Instant::now();
        let (done, all) = (bar.position(), bar.length().unwrap_or(0));
        let left = self.start.elapsed().as_secs_f64() / done.max(1) as f64 * (all - done.min(all)) as f64;
        session.notice(&format!("{done} of {all} trials, about {:.0} min left", left / 60.0));
    }
}
