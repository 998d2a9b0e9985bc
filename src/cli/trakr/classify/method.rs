//! The methods by their names, and the settings of TRAKR.

use super::Protocol;
use crate::classify::decision::{AnyDecision, LinearSvm, NaiveBayes, NearestNeighbours, RbfSvm};
use crate::classify::{
    AnyClassifier, DynamicTimeWarping, EchoState, EuclideanNearest, MutualInformation, Reading, Scaling, Trakr, Tuned, Values, Window,
};
use crate::cli::trakr::reservoir::ReservoirOptions;
use crate::error::Result;
use crate::precision::Precision;
use crate::track::{Rule, Tracking};
use clap::{Args, ValueEnum};

/// A method, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// All that fit the protocol
    All,
    /// TRAKR: an SVM (or --reading) on the traces of templates
    Trakr,
    /// TRAKR: class of the template with the smallest mean E
    TrakrNearest,
    /// TRAKR with settings chosen by cross-validation inside the training series
    TrakrTuned,
    /// Nearest series
    Euclidean,
    /// Nearest series by dynamic time warping without a window
    Dtw,
    /// The same with a window of 10 %
    DtwWindow,
    /// The same with the window that is best on the training series
    DtwLearned,
    /// Dynamic time warping of every channel by itself
    DtwIndependent,
    /// Nearest series by mutual information
    MutualInformation,
    /// Echo-state network with a ridge readout
    EchoState,
    /// Naive Bayes on the samples
    NaiveBayes,
    /// Linear SVM on the samples
    LinearSvm,
    /// SVM with a Gaussian kernel on the samples
    RbfSvm,
}

impl Method {
    /// Everything that makes sense under a protocol.
    pub fn fit_for(protocol: Protocol) -> Vec<Method> {
        use Method::*;
        match protocol {
            Protocol::Published => vec![Trakr, Euclidean, MutualInformation],
            Protocol::OneShot => vec![TrakrNearest, Euclidean, Dtw, DtwWindow, MutualInformation, EchoState],
            Protocol::CrossValidation => {
                vec![Trakr, TrakrNearest, Euclidean, Dtw, DtwWindow, MutualInformation, EchoState, NaiveBayes, LinearSvm, RbfSvm]
            }
            Protocol::Standard => vec![
                Trakr,
                TrakrNearest,
                TrakrTuned,
                Euclidean,
                Dtw,
                DtwWindow,
                DtwLearned,
                MutualInformation,
                EchoState,
                NaiveBayes,
                LinearSvm,
                RbfSvm,
            ],
        }
    }

    /// The name as it is typed.
    pub fn typed(self) -> String {
        self.to_possible_value().map_or(String::new(), |value| value.get_name().to_string())
    }

    /// The classifier with these settings of TRAKR.
    pub fn classifier(self, trakr: &Trakr) -> AnyClassifier {
        let dtw = |window, independent| AnyClassifier::from(DynamicTimeWarping { window, independent });
        let on_samples = |decision: AnyDecision| AnyClassifier::from(Values { decision });
        match self {
            Method::All | Method::Trakr => trakr.clone().into(),
            Method::TrakrNearest => Trakr { reading: Reading::Nearest, ..trakr.clone() }.into(),
            Method::TrakrTuned => Tuned { start: trakr.clone(), ..Default::default() }.into(),
            Method::Euclidean => EuclideanNearest::default().into(),
            Method::Dtw => dtw(Window::Full, false),
            Method::DtwWindow => dtw(Window::Share { share: 0.1 }, false),
            Method::DtwLearned => dtw(Window::Learned, false),
            Method::DtwIndependent => dtw(Window::Full, true),
            Method::MutualInformation => MutualInformation::default().into(),
            Method::EchoState => EchoState::default().into(),
            Method::NaiveBayes => on_samples(NaiveBayes::default().into()),
            Method::LinearSvm => on_samples(LinearSvm::default().into()),
            Method::RbfSvm => on_samples(RbfSvm::default().into()),
        }
    }
}

/// A decision, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Decide {
    RbfSvm,
    LinearSvm,
    NearestNeighbours,
    NaiveBayes,
}

impl Decide {
    /// The decision with its default settings.
    pub fn decision(self) -> AnyDecision {
        match self {
            Decide::RbfSvm => RbfSvm::default().into(),
            Decide::LinearSvm => LinearSvm::default().into(),
            Decide::NearestNeighbours => NearestNeighbours::default().into(),
            Decide::NaiveBayes => NaiveBayes::default().into(),
        }
    }
}

/// Settings of TRAKR.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Neurons of the reservoir
    #[arg(long, default_value_t = 30, value_name = "N")]
    units: usize,
    #[command(flatten)]
    reservoir: ReservoirOptions,
    /// Seconds per sample; the time constant is 1 s
    #[arg(long, default_value_t = 0.3, value_name = "S", allow_negative_numbers = true)]
    dt: f64,
    /// P at the start, times the identity (alpha)
    #[arg(long, default_value_t = 1.0, value_name = "A", allow_negative_numbers = true)]
    learning_rate: f64,
    /// The learning step of the published program instead of recursive least squares
    #[arg(long)]
    published_rule: bool,
    /// Templates of each class (0: every training series)
    #[arg(long, default_value_t = 1, value_name = "K")]
    templates: usize,
    /// Stretches over which a trace is averaged (0: none; the published protocol never averages)
    #[arg(long, default_value_t = 16, value_name = "K")]
    bins: usize,
    /// Averages of E instead of their logarithms (the published protocol has no logarithm)
    #[arg(long)]
    no_logarithm: bool,
    /// z-score each series, each channel over all training series, or nothing
    #[arg(long, value_enum, default_value = "series", value_name = "WHAT")]
    scale: Scale,
    /// What reads classes from traces; several, separated by commas, under the published protocol
    #[arg(long, value_enum, value_delimiter = ',', default_value = "rbf-svm", value_name = "NAMES")]
    pub reading: Vec<Decide>,
    /// Run the reservoirs in 64 bits instead of 32
    #[arg(long)]
    double: bool,
}

/// What is scaled, as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Scale {
    Series,
    Channel,
    None,
}

impl Options {
    /// The settings, checked.
    ///
    /// # Errors
    /// A parameter out of range.
    pub fn trakr(&self) -> Result<Trakr> {
        let rule = if self.published_rule { Rule::Published } else { Rule::LeastSquares };
        let tracking = Tracking { rule, dt: self.dt, learning_rate: self.learning_rate };
        tracking.check()?;
        Ok(Trakr {
            units: self.units,
            reservoir: self.reservoir.law()?,
            tracking,
            precision: if self.double { Precision::Double } else { Precision::Single },
            templates: self.templates,
            scaling: match self.scale {
                Scale::Series => Scaling::Series,
                Scale::Channel => Scaling::Channel,
                Scale::None => Scaling::None,
            },
            bins: self.bins,
            logarithm: !self.no_logarithm,
            reading: Reading::Decision { decision: self.reading.first().map_or_else(AnyDecision::default, |first| first.decision()) },
        })
    }
}
