//! Analyses of a network: linearised spectra and fixed points.

use super::context::Context;
use super::outcome::{Outcome, Row};
use crate::analysis::{Estimate, FixedPoint, FixedPoints, Linearisation, Stability};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::io::Array;
use crate::network::Network;
use crate::plot::{Axis, Colour, Legend, Mark, Marker, Panel, Points, Scale};
use crate::simulation::{Initial, Simulation};
use nalgebra::{Complex, DMatrix, DVector};
use rayon::prelude::*;

/// States of a recording at which the network is linearised.
const STATES: usize = 20;

/// Eigenvalues at rest and along the recording.
pub fn linearised(context: &Context) -> Result<Outcome> {
    let network = context.network()?;
    let rest = Linearisation::at(network, &vec![0.0; network.neurons()])?;
    let mut outcome = Outcome::default();
    let mut row = |quantity: &str, value: f64, unit| outcome.rows.push(Row::new("linearised", "x = 0", quantity, value).unit(unit));
    row("growth rate", rest.growth(), "1/s");
    row("frequency", rest.frequency(), "Hz");
    row("unstable directions", rest.unstable() as f64, "");
    keep(&mut outcome, "rest", std::slice::from_ref(&rest));
    let mut marks: Vec<Mark> = vec![cloud(&rest.eigenvalues, Colour::GREY, Marker::Disc, "x = 0"), Mark::vline(0.0, "")];
    if let Some(states) = &context.subject.states {
        match FixedPoints::recorded_starts(network, states, STATES.min(states.samples())) {
            Ok(states) => {
                let columns = (0..states.ncols()).into_par_iter();
                let found: Vec<Linearisation> =
                    columns.map(|k| Linearisation::at(network, states.column(k).as_slice())).collect::<Result<_>>()?;
                along(&mut outcome, &found);
                let all: Vec<Complex<f64>> = found.iter().flat_map(|one| one.eigenvalues.iter().copied()).collect();
                marks.insert(1, cloud(&all, Colour::BLUE, Marker::Disc, &format!("at {} recorded states", found.len())));
            }
            Err(error) => outcome.remarks.push(format!("along the recording: {error}")),
        }
    }
    let (x, y) = (Axis::new("real part (1/s)"), Axis::new("imaginary part (1/s)"));
    outcome.panels.push(Panel { title: "Linearised dynamics".into(), x, y, marks, legend: Legend::Above, ..Panel::default() });
    Ok(outcome)
}

/// Mean and standard deviation over states.
fn along(outcome: &mut Outcome, found: &[Linearisation]) {
    let on = format!("{} recorded states, mean ± sd", found.len());
    let mut row = |quantity: &str, read: &dyn Fn(&Linearisation) -> f64, unit| {
        let values: Vec<f64> = found.iter().map(read).collect();
        let value = values.iter().sum::<f64>() / values.len() as f64;
        let error = (values.iter().map(|own| (own - value).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)).sqrt();
        outcome.rows.push(Row::estimate("linearised", &on, quantity, Estimate { value, error }).unit(unit));
    };
    row("growth rate", &Linearisation::growth, "1/s");
    row("unstable directions", &|one| one.unstable() as f64, "");
    keep(outcome, "recorded", found);
}

/// Eigenvalues, points × N.
fn keep(outcome: &mut Outcome, name: &str, found: &[Linearisation]) {
    let part = |read: fn(&Complex<f64>) -> f64| {
        Array::from(&DMatrix::from_fn(found.len(), found[0].eigenvalues.len(), |k, i| read(&found[k].eigenvalues[i])))
    };
    outcome.keep(&format!("eigenvalues_{name}_real"), part(|z| z.re));
    outcome.keep(&format!("eigenvalues_{name}_imaginary"), part(|z| z.im));
}

fn cloud(values: &[Complex<f64>], colour: Colour, marker: Marker, label: &str) -> Mark {
    let (x, y) = values.iter().map(|z| (z.re, z.im)).unzip();
    let size = (60.0 / (values.len() as f64).sqrt()).clamp(1.6, 5.0);
    Points { x, y, colour, marker, size, alpha: 0.6, label: label.into(), ..Points::default() }.into()
}

/// Fixed and slow points from states of the recording and from random ones.
pub fn fixed_points(context: &Context) -> Result<Outcome> {
    let network = context.network()?;
    let (starts, remark) = starts(context, network)?;
    let bar = context.session.progress(starts.ncols() as u64, "fixed points");
    let points = FixedPoints::default().find_watched(network, &starts, &|| {
        bar.inc(1);
        context.session.go_on()
    })?;
    bar.finish_and_clear();
    let mut outcome = Outcome { remarks: remark.into_iter().collect(), ..Outcome::default() };
    let fixed = points.iter().filter(|point| point.fixed).count();
    let on = format!("{} starts", starts.ncols());
    let ended: usize = points.iter().map(|point| point.starts).sum();
    for (quantity, value) in [("fixed points", fixed), ("slow points", points.len() - fixed), ("starts that ended at one", ended)] {
        outcome.rows.push(Row::new("fixed-points", &on, quantity, value as f64));
    }
    for (k, point) in points.iter().enumerate() {
        describe(&mut outcome, k, point);
    }
    if !points.is_empty() {
        arrays(&mut outcome, &points);
        outcome.panels.push(panel(&points));
    }
    Ok(outcome)
}

fn describe(outcome: &mut Outcome, k: usize, point: &FixedPoint) {
    let class = if point.fixed { "fixed" } else { "slow" };
    let on = format!("{class} point {}, {}", k + 1, point.stability());
    let mut row = |quantity: &str, value: f64, unit| outcome.rows.push(Row::new("fixed-points", &on, quantity, value).unit(unit));
    row("growth rate", point.linearisation.growth(), "1/s");
    row("frequency", point.linearisation.frequency(), "Hz");
    row("unstable directions", point.unstable() as f64, "");
    row("distance from x = 0 (RMS)", rms(&point.state), "");
    row("speed (RMS)", point.speed, "1/s");
}

fn rms(state: &[f64]) -> f64 {
    (state.iter().map(|x| x * x).sum::<f64>() / state.len() as f64).sqrt()
}

/// x = 0, states of the recording, random states of the same size, and states that the network has reached from such.
fn starts(context: &Context, network: &Network) -> Result<(DMatrix<f64>, Option<String>)> {
    let (count, neurons) = (context.starts(), network.neurons());
    let (mut columns, mut remark) = (vec![DVector::zeros(neurons)], None);
    if let Some(states) = &context.subject.states {
        match FixedPoints::recorded_starts(network, states, (count / 2).clamp(1, states.samples())) {
            Ok(recorded) => columns.extend(recorded.column_iter().map(|column| column.into_owned())),
            Err(Error::Data { what, problem, .. }) => remark = Some(format!("no starts from the recording: {what}: {problem}")),
            Err(error) => return Err(error),
        }
    }
    let sizes: Vec<f64> = columns.iter().skip(1).map(|column| rms(column.as_slice())).collect();
    let deviation = if sizes.is_empty() { 1.0 } else { (sizes.iter().sum::<f64>() / sizes.len() as f64).max(0.1) };
    let random = FixedPoints::random_starts(neurons, count.saturating_sub(columns.len()).max(1), deviation, context.session.seed());
    let random = random.column_iter().map(|column| column.into_owned()).enumerate();
    // Every second one first follows the network, which leads to where a random state never is.
    columns.extend(random.map(|(k, state)| if k % 2 == 0 { state } else { followed(network, &state).unwrap_or(state) }));
    columns.truncate(count.max(1));
    Ok((DMatrix::from_columns(&columns), remark))
}

/// The state that the network reaches in twenty time constants; none if it diverges.
fn followed(network: &Network, state: &DVector<f64>) -> Option<DVector<f64>> {
    let (fastest, slowest) = network.tau.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), tau| (low.min(*tau), high.max(*tau)));
    let dt = 0.2 * fastest;
    let steps = ((20.0 * slowest / dt) as usize).min(10_000);
    let clock = Clock::with_steps(dt, steps).ok()?;
    let simulation = Simulation { clock, initial: Initial::Given(state.as_slice().to_vec()), ..Default::default() };
    let mut last = None;
    let seen = simulation.observe(network, |_, sample, x| {
        if sample + 1 == steps {
            last = Some(DVector::from_column_slice(x));
        }
    });
    seen.ok().and(last)
}

fn arrays(outcome: &mut Outcome, points: &[FixedPoint]) {
    let states = DMatrix::from_fn(points.len(), points[0].state.len(), |k, i| points[k].state[i]);
    outcome.keep("fixed_point_states", Array::from(&states));
    let mut vector = |name: &str, read: &dyn Fn(&FixedPoint) -> f64| {
        outcome.keep(name, Array::vector(points.iter().map(read).collect()));
    };
    vector("fixed_point_is_fixed", &|point| f64::from(u8::from(point.fixed)));
    vector("fixed_point_speed", &|point| point.speed);
    vector("fixed_point_starts", &|point| point.starts as f64);
    let all: Vec<Linearisation> = points.iter().map(|point| point.linearisation.clone()).collect();
    keep(outcome, "fixed_points", &all);
}

/// How fast perturbations grow at every point, against its distance from rest.
fn panel(points: &[FixedPoint]) -> Panel {
    let mut marks: Vec<Mark> = vec![Mark::hline(0.0, "")];
    let kinds = [
        (Stability::Stable, Colour::BLUE),
        (Stability::Marginal, Colour::GREEN),
        (Stability::Saddle, Colour::VERMILION),
        (Stability::Repeller, Colour::PURPLE),
    ];
    for fixed in [true, false] {
        for (kind, colour) in kinds {
            let of = points.iter().filter(|point| point.fixed == fixed && point.stability() == kind);
            let (x, y): (Vec<f64>, Vec<f64>) = of.map(|point| (rms(&point.state), point.linearisation.growth())).unzip();
            if !x.is_empty() {
                let label = format!("{}{kind} ({})", if fixed { "" } else { "slow, " }, x.len());
                marks.push(Points { x, y, colour, hollow: !fixed, size: 7.0, label, ..Points::default() }.into());
            }
        }
    }
    let y = Axis { scale: Scale::Linear, ..Axis::new("growth rate of perturbations (1/s)") };
    Panel { title: "Fixed points".into(), x: Axis::new("distance from x = 0 (RMS)"), y, marks, legend: Legend::Above, ..Panel::default() }
}
