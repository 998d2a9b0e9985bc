//! Tests: what data that are made for it constrain.

use super::*;
use crate::ensemble::{Between, Ensemble, MultiRegion};
use crate::fit::{Bayes, Pinning, Ridge};
use crate::noise::Noise;
use crate::nonlinearity::Tanh;
use crate::regions::Regions;
use crate::simulation::Simulation;

fn simulated(seconds: f64, strength: f64) -> (Network, Recording) {
    let regions = Regions::new([("A", 20), ("B", 20)]).unwrap();
    let law = MultiRegion { within: vec![1.6], between: Between::Dense { gain: 0.5 } };
    let network = Network::new(regions.clone(), law.sample(&regions, Seed(1)).unwrap(), Tanh, &[0.1]).unwrap();
    let noise = Noise::White { strength };
    let simulation = Simulation { clock: crate::Clock::new(0.01, seconds).unwrap(), noise, ..Default::default() };
    (network.clone(), simulation.run(&network).unwrap())
}

fn report(method: &dyn Fit, (network, recording): &(Network, Recording)) -> Constraint {
    let go_on: &(dyn Fn() -> ControlFlow<()> + Sync) = &|| ControlFlow::Continue(());
    constraint(method, &ConstraintPlan::default(), recording, Some(network), (Seed(2), go_on)).unwrap().1
}

#[test]
fn plenty_of_data_constrain_and_few_do_not() {
    let bayes = Bayes { between: crate::fit::Between::Gaussian, ..Default::default() };
    let (plenty, few) = (report(&bayes, &simulated(60.0, 0.3)), report(&bayes, &simulated(0.6, 0.3)));
    assert!(plenty.currents.iter().all(|c| c.verdict == Verdict::Constrained), "{:#?}", plenty.currents);
    assert!(few.currents.iter().filter(|c| c.source != c.target).all(|c| c.verdict != Verdict::Constrained), "{:#?}", few.currents);
    assert!(plenty.geometry.visited > few.geometry.visited);
    // What the rule calls constrained is what a posterior expects to be right to 0.8.
    assert!(plenty.currents.iter().all(|c| c.truth.unwrap() > 0.8), "{:#?}", plenty.currents);
}

#[test]
fn j_is_right_where_the_data_have_been_and_not_elsewhere() {
    let report = report(&Ridge::default(), &simulated(1.5, 0.02));
    let error = report.subspace_error.unwrap();
    assert!(report.geometry.visited < 40 && error.inside < 0.5 * error.outside, "{error:?}");
}

#[test]
fn different_initial_weights_of_pinning_are_seen() {
    let pinning = report(&Pinning { learning_passes: 3, ..Default::default() }, &simulated(1.5, 0.02));
    let seeds = pinning.refits.iter().find(|refits| refits.check == Check::Seeds).unwrap();
    assert!(seeds.weights < 0.5 && seeds.fits == 2, "{seeds:?}");
    let ridge = report(&Ridge::default(), &simulated(1.5, 0.02));
    assert!(ridge.refits.iter().find(|refits| refits.check == Check::Seeds).unwrap().weights > 0.999_999);
}

#[test]
fn suggested_neurons_open_new_directions_one_after_the_other() {
    let (_, recording) = simulated(1.5, 0.02);
    let geometry = Geometry::of(&recording, 1.0 / 40.0, 1.0).unwrap();
    let chosen = geometry.suggest(&recording, 50);
    assert_eq!(chosen.len(), 40 - geometry.visited, "together they fill what was not visited");
    assert!(chosen.windows(2).all(|pair| pair[0].new >= pair[1].new - 1e-9));
    assert!(chosen.iter().all(|stimulus| stimulus.region == if stimulus.neuron < 20 { "A" } else { "B" }));
}

#[test]
fn blocks_are_drawn_whole_and_never_joined() {
    let (_, recording) = simulated(1.0, 0.1);
    let drawn = refits::resampled(&recording, 10, Seed(1)).unwrap();
    assert_eq!(drawn.trial_starts, (0..10).map(|k| 10 * k).collect::<Vec<_>>());
    drawn.check().unwrap();
    let plan = ConstraintPlan { squeeze: 1.5, ..Default::default() };
    assert!(plan.check().unwrap_err().to_string().contains("squeeze"));
}
