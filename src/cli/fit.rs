//! `crosscurrent fit`: from a recording to a fitted network.

use super::Session;
use crate::error::{Error, Result};
use crate::fit::pinning::Mode;
use crate::fit::{
    AnyFit, Backprop, Bayes, CommonInputs, Cornn, Fit, Fitted, Initial, KnownInputs, LowRankFit, Newton, Pinning, Ridge,
    VectorAutoregression,
};
use crate::io::{self, Source};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Fit a network to a recording
///
/// FILE is a recording that `simulate` wrote, or any file that `curbd` reads; nothing is normalised unless the method asks for it.
#[derive(Debug, Args)]
pub struct FitCommand {
    /// The recording
    file: PathBuf,
    /// How to fit
    #[arg(long, value_enum, default_value_t = MethodName::Pinning)]
    method: MethodName,
    /// The method with all its settings, as TOML (kind = "pinning", …), instead of the options
    #[arg(long, value_name = "FILE.toml", conflicts_with_all = ["method", "tau", "passes", "steps_per_sample", "inputs"])]
    config: Option<PathBuf>,
    /// Time constants in s: one, one per region, or one per neuron
    #[arg(long, value_name = "S", value_delimiter = ',', default_value = "0.1", allow_negative_numbers = true)]
    tau: Vec<f64>,
    /// Learning passes of Pinning
    #[arg(long, default_value_t = 60, value_name = "N")]
    passes: usize,
    /// Euler steps per sample
    #[arg(long, default_value_t = 1, value_name = "N")]
    steps_per_sample: usize,
    /// What to do with external inputs that the recording holds
    #[arg(long, value_enum, default_value_t = Inputs::Subtract)]
    inputs: Inputs,
    /// Share of the samples, at the end, that is left to `score`
    #[arg(long, value_name = "F", default_value_t = 0.0)]
    held_out: f64,
    /// Time between samples in s, where the file does not say
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    dt: Option<f64>,
    /// What is known of the wiring: prior variances (0: no synapse, 1: ordinary), neurons × neurons, row = target, in the order of FILE
    #[arg(long, value_name = "MATRIX")]
    anatomy: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MethodName {
    /// Recursive least squares, closed loop, corrected
    Pinning,
    /// The published Python program step for step
    CurbdPython,
    /// The published MATLAB program step for step
    CurbdMatlab,
    /// Least squares in current space, penalty chosen on held-out blocks
    Ridge,
    /// Convex fit of the next sample with one shared inverse (tanh)
    Cornn,
    /// The same model by damped Newton steps, with both noises estimated (tanh)
    Newton,
    /// Ridge with a J of low rank, the rank chosen on held-out blocks
    LowRankFit,
    /// Gradient descent through time with Adam
    Backprop,
    /// The linear baseline, penalty chosen on held-out blocks
    VectorAutoregression,
    /// No method: the random J that Pinning begins from
    Initial,
    /// Evidence-maximising regression with a posterior: every current with an interval
    Bayes,
    /// Bayes with inputs that nobody told of: smooth, of low rank, inferred for each region
    CommonInputs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Inputs {
    /// They are known in full
    Subtract,
    /// Their time courses are known, each neuron's gain is fitted (ridge, vector-autoregression, bayes, common-inputs)
    Regress,
    /// They are not looked at
    Ignore,
}

#[derive(Serialize)]
struct Document {
    file: String,
    neurons: usize,
    samples: usize,
    passes: usize,
    variance_explained: f64,
}

impl FitCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// A file that cannot be read, a parameter out of range, divergence, a folder that cannot be written, or Ctrl-C.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        let method = self.method()?;
        let loaded = Source { dt: self.dt, anatomy: self.anatomy.clone(), ..Source::of(&self.file) }.read()?;
        loaded.notices.iter().for_each(|notice| session.notice(notice));
        let recording = match self.held_out {
            0.0 => loaded.recorded.recording,
            fraction => loaded.recorded.recording.hold_out(fraction)?.0,
        };
        let folder = session.folder("fit")?;
        let bar = session.progress(method.passes() as u64, "fitting");
        let fitted = method.fit_watched(&recording, session.seed(), &mut |_| {
            bar.inc(1);
            session.go_on()
        })?;
        bar.finish_and_clear();
        let path = folder.join("fitted.npz");
        io::write_fitted(&path, &fitted)?;
        let files: Vec<&Path> = [Some(&self.file), self.anatomy.as_ref()].into_iter().flatten().map(PathBuf::as_path).collect();
        session.provenance(&folder, &files, &[("fit", &method)])?;
        let document = document(&path, &fitted);
        let Document { file, neurons, samples, passes, variance_explained } = &document;
        let latents = if matches!(method, AnyFit::CommonInputs(_)) { latent_inputs(&fitted) } else { String::new() };
        let plural = if *passes == 1 { "pass" } else { "passes" };
        let posterior = fitted.posterior.as_ref().map_or_else(String::new, |posterior| {
            format!("Model check: {}\nIntervals: {}\n", posterior.misfit.verdict(), posterior.coverage())
        });
        let text = format!(
            "{neurons} neurons × {samples} samples, {passes} {plural}: variance explained {variance_explained:.5}, as the method reports it\n{latents}{posterior}Written to {file}"
        );
        session.report(&text, &document)?;
        Ok(ExitCode::SUCCESS)
    }

    fn method(&self) -> Result<AnyFit> {
        if let Some(path) = &self.config {
            return io::read_toml(path);
        }
        let inputs = match self.inputs {
            Inputs::Subtract => KnownInputs::Subtract,
            Inputs::Regress => KnownInputs::Regress,
            Inputs::Ignore => KnownInputs::Ignore,
        };
        let (tau, steps_per_sample) = (self.tau.clone(), self.steps_per_sample);
        if self.steps_per_sample != 1 && matches!(self.method, MethodName::Cornn | MethodName::Newton | MethodName::Backprop) {
            return Err(Error::parameter("steps per sample", self.steps_per_sample, "1: this method makes one step per sample"));
        }
        let mode = match self.method {
            MethodName::Ridge => return Ok(Ridge { tau, steps_per_sample, inputs, ..Default::default() }.into()),
            MethodName::Cornn => return Ok(Cornn { tau, inputs, ..Default::default() }.into()),
            MethodName::Newton => return Ok(Newton { tau, inputs, ..Default::default() }.into()),
            MethodName::LowRankFit => return Ok(LowRankFit { tau, steps_per_sample, inputs, ..Default::default() }.into()),
            MethodName::Backprop => return Ok(Backprop { tau, inputs, ..Default::default() }.into()),
            MethodName::VectorAutoregression => {
                return Ok(VectorAutoregression { tau, steps_per_sample, inputs, ..Default::default() }.into());
            }
            MethodName::Initial => return Ok(Initial { tau, steps_per_sample, inputs, ..Default::default() }.into()),
            MethodName::Bayes => return Ok(Bayes { tau, steps_per_sample, inputs, ..Default::default() }.into()),
            MethodName::CommonInputs => return Ok(CommonInputs { tau, steps_per_sample, inputs, ..Default::default() }.into()),
            MethodName::Pinning => Mode::Corrected,
            MethodName::CurbdPython => Mode::CurbdPython,
            MethodName::CurbdMatlab => Mode::CurbdMatlab,
        };
        if self.passes == 0 {
            return Err(Error::parameter("passes", 0, "at least 1"));
        }
        Ok(Pinning { mode, tau, steps_per_sample, inputs, learning_passes: self.passes, ..Default::default() }.into())
    }
}

fn document(path: &std::path::Path, fitted: &Fitted) -> Document {
    Document {
        file: path.display().to_string(),
        neurons: fitted.network.neurons(),
        samples: fitted.sample_columns.len(),
        passes: fitted.history.len(),
        variance_explained: fitted.history.last().map_or(f64::NAN, |pass| pass.variance_explained),
    }
}

/// What a fit of common inputs found, in one line: per region the number of traces, the RMS of what they send and how much of it no J
/// could have made.
pub(crate) fn latent_inputs(fitted: &Fitted) -> String {
    let of_region = |(index, (name, range)): (usize, (&str, Range<usize>))| {
        let own: Vec<_> = fitted.latent_inputs.iter().filter(|latent| latent.region == index).collect();
        let power: f64 = own.iter().map(|latent| latent.trace.norm_squared()).sum();
        if own.is_empty() {
            return format!("{name} none");
        }
        // Weights have norm 1, and those of different traces are orthogonal or nearly so.
        let rms = (power / (range.len() * own[0].trace.len()) as f64).sqrt();
        let visible = own.iter().map(|latent| latent.visible * latent.trace.norm_squared()).sum::<f64>() / power;
        let traces = if own.len() == 1 { "trace" } else { "traces" };
        format!("{name} {} {traces} (RMS {rms:.3}, {:.0} % of it of a form that J could not have made)", own.len(), 100.0 * visible)
    };
    let regions: Vec<String> = fitted.network.regions.iter().enumerate().map(of_region).collect();
    format!("Inferred common inputs: {}\n", regions.join(", "))
}
