//! Anatomy: what is known of the wiring, from a file of its own.

use crate::error::{Error, Result};
use crate::io::read_arrays;
use nalgebra::DMatrix;
use std::path::Path;

/// The prior variances of all weights (row = target), neurons in the order of the recording's file: the array `anatomy`, or the only matrix.
pub(super) fn read(path: &Path, neurons: usize) -> Result<DMatrix<f64>> {
    let arrays = read_arrays(path)?;
    let (name, array) = match arrays.find("anatomy") {
        Some(array) => ("anatomy", array),
        None => arrays.choose(None)?,
    };
    let wrong = |problem: String, remedy: &str| Err(Error::file(path, format!("'{name}' {problem}"), remedy));
    if array.shape() != [neurons, neurons] {
        let remedy = "give prior variances, neurons × neurons (row = target) in the order of the recording's file";
        return wrong(format!("{} does not fit a recording of {neurons} neurons", array.describe()), remedy);
    }
    let anatomy: DMatrix<f64> = array.to_matrix()?;
    if let Some(bad) = anatomy.iter().position(|value| !value.is_finite() || *value < 0.0) {
        let problem = format!("holds {} at target {}, source {}", anatomy[bad], bad % neurons, bad / neurons);
        return wrong(problem, "give finite prior variances of at least 0 (0: no synapse, 1: ordinary)");
    }
    let silent: Vec<String> = (0..neurons).filter(|&i| anatomy.row(i).amax() == 0.0).map(|i| i.to_string()).collect();
    if !silent.is_empty() {
        let more = if silent.len() > 12 { format!(", … ({} in all)", silent.len()) } else { String::new() };
        let problem = format!("gives no source to target {}{more}", silent[..silent.len().min(12)].join(", "));
        return wrong(problem, "drop these neurons from the recording, or give them a source (rows are targets)");
    }
    Ok(anatomy)
}

#[cfg(test)]
mod tests {
    use crate::io::Source;
    use std::fs;

    #[test]
    fn an_anatomy_follows_its_neurons_and_a_wrong_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rates.csv");
        // Row 1 never changes; regions turn the others round.
        fs::write(&path, "1,2,4,7,9,8,6,3,2,1,0,1\n3,3,3,3,3,3,3,3,3,3,3,3\n0,1,0,2,0,3,0,4,0,5,0,6\n").unwrap();
        let known = folder.path().join("anatomy.csv");
        let source = |text: &str| {
            fs::write(&known, text).unwrap();
            Source { dt: Some(0.1), regions: Some("A:2,B:0-1".into()), anatomy: Some(known.clone()), ..Source::of(&path) }.read()
        };
        let recorded = source("1,2,3\n4,5,6\n7,8,9\n").unwrap().recorded;
        assert_eq!(recorded.neuron_index, [2, 0]);
        assert_eq!(recorded.recording.anatomy.unwrap(), nalgebra::dmatrix![9.0, 7.0; 3.0, 1.0]);
        let message = |text: &str| source(text).unwrap_err().to_string();
        assert!(message("1,2\n3,4\n").contains("3 neurons"));
        assert!(message("1,2,3\n4,-5,6\n7,8,9\n").contains("-5 at target 1, source 1"));
        assert!(message("1,2,3\n0,0,0\n7,8,9\n").contains("no source to target 1"));
    }
}
