//! Records made here by the plainest loops, so that replays are tested where the published records are absent.

use super::*;
use crate::ensemble::normal_matrix;
use crate::io::{Array, write_npz};
use crate::seed::Seed;
use nalgebra::{DMatrix, DVector};

fn replayed(arrays: &[(&str, Array)]) -> Result<Replay> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.npz");
    let named: Vec<(&str, &Array)> = arrays.iter().map(|(name, array)| (*name, array)).collect();
    write_npz(&path, &named).unwrap();
    replay(&path)
}

fn assert_agrees(format: &str, rows: usize, arrays: &[(&str, Array)]) {
    let replay = replayed(arrays).unwrap();
    assert_eq!((replay.format, replay.rows.len()), (format, rows), "{replay:?}");
    assert!(replay.agrees(None), "{replay:#?}");
}

/// CURBD's training as published, by plain loops over plain matrices.
fn curbd(dt_data: f64, factor: usize) -> Vec<(&'static str, Array)> {
    let (n, samples, tau, p0, train, free) = (6, 20, 3.0 * dt_data, 0.7, 2, 1);
    let activity = DMatrix::from_fn(n, samples, |i, k| 2.0 * ((i + 1) as f64 * 0.3 * k as f64 + i as f64).sin());
    let dt = dt_data / factor as f64;
    let steps = ((dt_data * (samples - 1) as f64 + dt) / dt).ceil() as usize;
    let (start, noise) = (normal_matrix(n, n, 0.6, Seed(1)), normal_matrix(n, steps, 0.01, Seed(2)));
    let largest = activity.max();
    let data = activity.map(|r| (r / largest).clamp(-0.999, 0.999));
    let deviation = (data.map(|r| (r - data.mean()).powi(2)).sum() / data.len() as f64).sqrt();
    let nearest = |k: usize| {
        (0..steps)
            .min_by(|a, b| ((*a as f64 * dt - k as f64 * dt_data).abs()).total_cmp(&(*b as f64 * dt - k as f64 * dt_data).abs()))
            .unwrap()
    };
    let (mut j, mut p, mut rates) = (start.clone(), DMatrix::identity(n, n) * p0, DMatrix::zeros(n, steps));
    let (mut chi2s, mut explained) = (Vec::new(), Vec::new());
    for run in 0..train + free {
        let mut h: DVector<f64> = data.column(0).into();
        rates.set_column(0, &h.map(f64::tanh));
        let (mut since, mut target, mut chi2) = (0.0, 0, 0.0);
        for t in 1..steps {
            since += dt;
            let r = h.map(f64::tanh);
            rates.set_column(t, &r);
            h += (&j * &r + noise.column(t) - &h) * (dt / tau);
            if since >= dt_data {
                since = 0.0;
                let error = &r - data.column(target);
                target += 1;
                chi2 += error.norm_squared() / n as f64;
                if run < train {
                    let k = &p * &r;
                    let c = 1.0 / (1.0 + r.dot(&k));
                    p -= &k * k.transpose() * c;
                    j -= error * k.transpose() * c;
                }
            }
        }
        let residual: f64 = (0..samples).map(|k| (data.column(k) - rates.column(nearest(k))).norm_squared()).sum();
        chi2s.push(chi2);
        explained.push(1.0 - residual / (data.len() as f64 * deviation * deviation));
    }
    let current = |target: usize, source: usize| Array::from(&(j.view((2 * target, 2 * source), (2, 2)) * rates.rows(2 * source, 2)));
    vec![
        ("activity", Array::from(&activity)),
        ("J0", Array::from(&start)),
        ("noise", Array::from(&noise)),
        ("dt_data", Array::of(dt_data)),
        ("dt_factor", Array::of(factor as f64)),
        ("tau", Array::of(tau)),
        ("p0", Array::of(p0)),
        ("n_train", Array::of(train as f64)),
        ("n_free", Array::of(free as f64)),
        ("J", Array::from(&j)),
        ("rates_last_run", Array::from(&rates)),
        ("chi2", Array::vector(chi2s)),
        ("pvar", Array::vector(explained)),
        ("adata", Array::from(&data)),
        ("std_data", Array::of(deviation)),
        ("t_rnn", Array::vector((0..steps).map(|t| t as f64 * dt).collect())),
        ("current_A_from_B", current(0, 1)),
        ("current_C_from_C", current(2, 2)),
    ]
}

#[test]
fn curbd_is_reproduced_also_where_its_clock_slips() {
    // 0.05 / 6 six times falls short of 0.05, so the published program learns at every seventh step.
    for (dt, factor) in [(0.06, 1), (0.06, 3), (0.05, 6)] {
        assert_agrees("curbd", 9, &curbd(dt, factor));
    }
}

#[test]
fn a_changed_record_is_noticed() {
    let mut arrays = curbd(0.06, 1);
    let (_, j) = arrays.iter_mut().find(|(name, _)| *name == "J").unwrap();
    let mut values = j.values().to_vec();
    values[3] += 1e-6;
    *j = Array::new(j.shape().to_vec(), values).unwrap();
    let replay = replayed(&arrays).unwrap();
    assert!(!replay.agrees(None) && replay.agrees(Some(1e-3)));
    let differing: Vec<&str> = replay.rows.iter().filter(|row| !row.agrees(None)).map(|row| &row.name[..]).collect();
    assert_eq!(differing, ["J"]);
}

#[test]
fn the_three_region_run_is_reproduced_without_its_maxima() {
    let (units, samples) = (5, 80);
    let blocks = [1.8, 1.5, 1.5].map(|gain: f64| normal_matrix(units, units, gain / (units as f64).sqrt(), Seed(gain.to_bits())));
    let mask = |seed: u64| DVector::from_fn(units, |i, _| f64::from((i as u64 * 7 + seed * 3) % 5 < 2));
    let masks: Vec<DVector<f64>> = (0..8).map(mask).collect();
    let drive = |slow: f64| DMatrix::from_fn(units, samples, |i, k| (slow * k as f64 + i as f64).sin().abs());
    let (sequence, points) = (drive(0.05), drive(0.02));
    // Masks: A2B, A2C, B2A, B2C, C2A, C2B, Seq2B, Fix2C; links into each region from the two others.
    let links = [[(1, 2), (2, 4)], [(0, 0), (2, 5)], [(0, 1), (1, 3)]];
    let mut h: Vec<DVector<f64>> = (0..3).map(|a| normal_matrix(units, 1, 0.5, Seed(40 + a)).column(0).into()).collect();
    let mut rates = vec![DMatrix::zeros(units, samples); 3];
    for k in 0..samples {
        let r: Vec<DVector<f64>> = h.iter().map(|h| h.map(f64::tanh)).collect();
        for a in 0..3 {
            rates[a].set_column(k, &r[a]);
            let mut input = &blocks[a] * &r[a];
            for (source, link) in links[a] {
                input += masks[link].component_mul(&r[source]) * 0.2;
            }
            match a {
                1 => input += masks[6].component_mul(&sequence.column(k)),
                2 => input -= masks[7].component_mul(&points.column(k)),
                _ => {}
            }
            h[a] = &h[a] * 0.9 + input * 0.1;
        }
    }
    let mut arrays: Vec<(&str, Array)> = vec![
        ("Rseq", Array::from(&sequence)),
        ("Rfp", Array::from(&points)),
        ("tData", Array::vector((0..samples).map(|k| k as f64 * 0.01).collect())),
    ];
    for (a, (rate, block)) in [("Ra", "Ja"), ("Rb", "Jb"), ("Rc", "Jc")].into_iter().enumerate() {
        arrays.push((rate, Array::from(&(&rates[a] / rates[a].max()))));
        arrays.push((block, Array::from(&blocks[a])));
    }
    for (name, mask) in ["w_A2B", "w_A2C", "w_B2A", "w_B2C", "w_C2A", "w_C2B", "w_Seq2B", "w_Fix2C"].into_iter().zip(&masks) {
        arrays.push((name, Array::new(vec![units, 1], mask.as_slice().to_vec()).unwrap()));
    }
    assert_agrees("three_region", 3, &arrays);
}

#[test]
fn trakr_is_reproduced() {
    let (n, samples) = (8, 120);
    let signal = |speed: f64| DMatrix::from_fn(1, samples, |_, k| (speed * k as f64).sin());
    let signals = [signal(0.2), signal(0.35)];
    let (j, input) = (normal_matrix(n, n, 0.4, Seed(1)), normal_matrix(n, 1, 1.0, Seed(2)));
    let (start, w0) = (normal_matrix(n, 1, 1.0, Seed(3)), normal_matrix(n, 1, 0.3, Seed(4)));
    let (mut x, mut w, mut p) = (start.clone(), w0.clone(), DMatrix::identity(n, n) * 0.5);
    let mut arrays = Vec::new();
    let names = [["train_output", "train_error", "train_learning_error"], ["test_output", "test_error", "test_learning_error"]];
    for (phase, signal) in signals.iter().enumerate() {
        let mut traces = DMatrix::zeros(3, samples);
        for k in 0..samples {
            let r = x.map(f64::tanh);
            let z = w.dot(&r);
            x += (&j * &r + &input * signal[k] - &x) * (0.2 / 2.0);
            let old = &p * &r;
            let c = 1.0 / (1.0 + r.dot(&old));
            p -= &old * old.transpose() * c;
            let change = &p * &r * (c * (z - signal[k]));
            traces.set_column(k, &nalgebra::Vector3::new(z, z - signal[k], change.iter().map(|v| v.abs()).sum()));
            if phase == 0 {
                w -= change;
            }
        }
        names[phase].iter().enumerate().for_each(|(row, name)| arrays.push((*name, Array::from(&traces.rows(row, 1).into_owned()))));
        if phase == 0 {
            arrays.extend([("w_trained", Array::from(&w)), ("x_after_train", Array::from(&x)), ("P_after_train", Array::from(&p))]);
        }
    }
    arrays.extend([("P_after_test", Array::from(&p)), ("J", Array::from(&j)), ("x0", Array::from(&start)), ("w_in", Array::from(&input))]);
    arrays.extend([("w_out", Array::from(&w0)), ("tau", Array::of(2.0)), ("dt", Array::of(0.2)), ("alpha", Array::of(0.5))]);
    arrays.extend([("train_signal", Array::from(&signals[0])), ("test_signal", Array::from(&signals[1]))]);
    assert_agrees("trakr", 10, &arrays);
}

#[test]
fn cornn_is_reproduced_from_the_start_and_from_each_recorded_theta() {
    let (n, samples, penalty) = (5, 200, 1e-4);
    let w = normal_matrix(n, n, 0.8, Seed(1));
    let noise = normal_matrix(n, samples, 0.1, Seed(2));
    let mut rates = normal_matrix(samples, n, 0.5, Seed(3));
    for k in 1..samples {
        let before = rates.row(k - 1).transpose();
        let next = &before * 0.9 + (&w * &before + noise.column(k)).map(f64::tanh) * 0.1;
        rates.set_row(k, &next.transpose());
    }
    let x = rates.rows(0, samples - 1).into_owned();
    let d = (rates.rows(1, samples - 1) - &x * 0.9) / 0.1;
    let d = d.map(|d| d.clamp(-1.0 + 1e-6, 1.0 - 1e-6));
    let inverse = (x.transpose() * &x + DMatrix::identity(n, n) * (penalty * x.nrows() as f64)).try_inverse().unwrap();
    let (projector, mut theta) = (&inverse * x.transpose(), &inverse * x.transpose() * d.map(f64::atanh));
    let mut arrays =
        vec![("rates", Array::from(&rates)), ("w_true", Array::from(&w)), ("alpha", Array::of(0.1)), ("l2", Array::of(penalty))];
    arrays.push(("theta_robust_0", Array::from(&theta)));
    for name in ["theta_robust_1", "theta_robust_2"] {
        let error = (&d - (&x * &theta).map(f64::tanh)).zip_map(&d, |e, d| (e / (1.0 - d * d)).clamp(-0.2, 0.2));
        theta = &projector * (&x * &theta) + &projector * error;
        arrays.push((name, Array::from(&theta)));
    }
    assert_agrees("cornn", 5, &arrays);
}

#[test]
fn other_files_are_refused_with_the_known_formats() {
    let message = replayed(&[("rates", Array::of(1.0))]).unwrap_err().to_string();
    for known in ["curbd (activity, J0", "three_region (Ra, Rb", "trakr (J, x0", "cornn (rates, w_true"] {
        assert!(message.contains(known), "{message}");
    }
    let inputs_only: Vec<(&str, Array)> = curbd(0.06, 1).into_iter().take(9).collect();
    // The data and the clock follow from the inputs; without any recorded output there is nothing to compare.
    assert!(replayed(&inputs_only).unwrap_err().to_string().contains("without any output"));
    let mut short = curbd(0.06, 1);
    short[1].1 = Array::of(0.0);
    assert!(replayed(&short).is_err());
}
