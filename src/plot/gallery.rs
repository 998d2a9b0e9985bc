//! Every kind of panel once, with awkward data too: saved, and looked at in target/gallery.

use super::*;
use nalgebra::DMatrix;

fn grid(count: usize, from: f64, to: f64) -> Vec<f64> {
    (0..count).map(|k| from + (to - from) * k as f64 / (count - 1) as f64).collect()
}

/// Numbers between −1 and 1 that look random.
fn noise(count: usize, key: u64) -> Vec<f64> {
    let mut state = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn exponent_panel() -> Panel {
    let gain = grid(60, 0.5, 3.0);
    let theory: Vec<f64> = gain.iter().map(|g| if *g < 1.0 { g - 1.0 } else { 0.35 * (g - 1.0) / (1.0 + 0.3 * g) }).collect();
    let few = grid(11, 0.5, 3.0);
    let measured =
        few.iter().zip(noise(11, 3)).map(|(g, e)| if *g < 1.0 { g - 1.0 } else { 0.35 * (g - 1.0) / (1.0 + 0.3 * g) } + 0.03 * e);
    Panel {
        title: "Onset of chaos".into(),
        x: Axis::new("gain g"),
        y: Axis::new("largest Lyapunov exponent (1/τ)"),
        marks: vec![
            Mark::hline(0.0, ""),
            Mark::vline(1.0, "g = 1"),
            Band {
                x: gain.clone(),
                low: theory.iter().map(|y| y - 0.05).collect(),
                high: theory.iter().map(|y| y + 0.05).collect(),
                label: "95 % interval".into(),
                ..Band::default()
            }
            .into(),
            Line { x: gain, y: theory, label: "mean-field theory".into(), ..Line::default() }.into(),
            Points {
                y: measured.collect(),
                whiskers: Whiskers::Symmetric(vec![0.04; 11]),
                x: few,
                label: "simulation, N = 1000".into(),
                ..Points::default()
            }
            .into(),
        ],
        ..Panel::default()
    }
}

fn spectrum_panel() -> Panel {
    let (radius, angle) = (noise(600, 5), noise(600, 7));
    let reach: Vec<f64> = radius.iter().map(|r| 1.5 * (0.5 * (r + 1.0)).sqrt()).collect();
    let along = |turn: fn(f64) -> f64| reach.iter().zip(&angle).map(|(r, a)| r * turn(a * std::f64::consts::PI)).collect::<Vec<_>>();
    Panel {
        title: "Eigenvalues of J".into(),
        x: Axis::new("Re λ"),
        y: Axis::new("Im λ"),
        equal_aspect: true,
        marks: vec![
            Points { x: along(f64::cos), y: along(f64::sin), size: 3.0, alpha: 0.5, label: "eigenvalues".into(), ..Points::default() }
                .into(),
            Points {
                x: vec![2.4],
                y: vec![0.0],
                marker: Marker::Diamond,
                colour: Colour::VERMILION,
                label: "outlier".into(),
                ..Points::default()
            }
            .into(),
            Outline { label: "circular law".into(), ..Outline::ellipse((0.0, 0.0), (1.5, 1.5)) }.into(),
            Outline { dash: Dash::Dashed, fill: 0.05, ..Outline::ellipse((0.0, 0.0), (1.0, 0.6)) }.into(),
        ],
        ..Panel::default()
    }
}

fn scores_panel(kind: ScoreKind) -> Panel {
    let series = |k: usize, label: &str, values: [f64; 4]| ScoreSeries {
        values: values.to_vec(),
        whiskers: Whiskers::Symmetric(vec![0.06; 4]),
        samples: values.iter().map(|v| noise(8, k as u64 + 11).iter().map(|e| v + 0.09 * e).collect()).collect(),
        null: vec![0.12, 0.1, 0.15, 0.08],
        colour: Colour::cycle(k),
        label: label.into(),
    };
    Panel {
        title: "What was recovered".into(),
        x: Axis { label: "score".into(), ..Axis::categories(["rates", "currents", "J within regions", "J between regions"]) },
        y: Axis::new("correlation with the truth"),
        marks: vec![
            Scores {
                series: vec![
                    series(0, "FORCE", [0.95, 0.8, 0.5, 0.3]),
                    series(1, "CORNN", [0.97, 0.85, 0.55, 0.35]),
                    series(2, "ridge", [0.8, 0.5, 0.3, 0.2]),
                ],
                kind,
                null_label: "shuffled".into(),
            }
            .into(),
        ],
        ..Panel::default()
    }
}

fn regions_panel() -> Panel {
    let names = ["V1", "M2", "RSP", "PPC"];
    let mut matrix = DMatrix::from_fn(4, 4, |i, j| if i == j { 0.9 } else { 0.4 * noise(16, 23)[4 * i + j] });
    matrix[(2, 1)] = f64::NAN;
    Panel {
        title: "Region-to-region current".into(),
        x: Axis { label: "source".into(), ..Axis::categories(names) },
        y: Axis { label: "target".into(), ..Axis::categories(names) },
        marks: vec![HeatMap { matrix, decimals: Some(2), label: "mean current (a.u.)".into(), ..HeatMap::default() }.into()],
        ..Panel::default()
    }
}

fn connectivity_panel() -> Panel {
    let entries = noise(300 * 300, 41);
    let matrix = DMatrix::from_fn(300, 300, |i, j| {
        let block = if i / 100 == j / 100 { 1.0 } else { 0.3 };
        block * entries[300 * i + j] + if i / 100 == 1 && j / 100 == 0 { 0.4 } else { 0.0 }
    });
    let places = |_| vec![(50.0, "A".to_string()), (150.0, "B".to_string()), (250.0, "C".to_string())];
    Panel {
        title: "Connectivity of three regions, sampled".into(),
        x: Axis { ticks: places(()), ..Axis::new("source neuron") },
        y: Axis { ticks: places(()), ..Axis::new("target neuron") },
        equal_aspect: true,
        marks: vec![
            HeatMap {
                matrix,
                row_separators: vec![100, 200],
                column_separators: vec![100, 200],
                label: "weight (1/√N)".into(),
                ..HeatMap::default()
            }
            .into(),
        ],
        ..Panel::default()
    }
}

fn raster_panel() -> Panel {
    let matrix = DMatrix::from_fn(120, 5000, |i, k| {
        if (k / 700 + i) % 37 == 0 { f64::NAN } else { (0.5 + 0.5 * (0.004 * k as f64 + 0.1 * i as f64).sin()).powi(2) * 18.0 }
    });
    Panel {
        x: Axis::new("time (s)"),
        y: Axis::new("neuron"),
        span: 2,
        marks: vec![HeatMap { matrix, x: Some((0.0, 50.0)), label: "rate (Hz)".into(), ..HeatMap::default() }.into()],
        ..Panel::default()
    }
}

fn traces_panel() -> Panel {
    let time = grid(20_000, 0.0, 12.0);
    let trace = |k: usize| {
        let jitter = noise(time.len(), k as u64 + 3);
        let y = time.iter().zip(jitter).map(|(t, e)| k as f64 * 2.5 + (t * (1.5 + k as f64)).sin() + 0.15 * e).collect();
        Line { x: time.clone(), y, colour: Colour::cycle(k), width: 1.0, ..Line::default() }.into()
    };
    Panel {
        title: "Rates of three units".into(),
        x: Axis::new("time (s)"),
        y: Axis { ticks: (0..3).map(|k| (2.5 * f64::from(k), format!("unit {}", k + 1))).collect(), ..Axis::default() },
        span: 2,
        marks: (0..3).map(trace).chain([Mark::vline(4.0, "input on"), Mark::vline(11.6, "off")]).collect(),
        ..Panel::default()
    }
}

fn scaling_panel() -> Panel {
    let n = vec![100.0, 300.0, 1000.0, 3000.0, 10_000.0];
    let points = |k: usize, factor: f64| {
        let y: Vec<f64> = n.iter().map(|n| factor * n * n * 1e-9).collect();
        let (low, high) = (y.iter().map(|y| 0.7 * y).collect(), y.iter().map(|y| 1.4 * y).collect());
        let whiskers = Whiskers::Interval { low, high };
        let (marker, label) = (Marker::cycle(k), ["f64", "f32", "f16"][k].to_string());
        Points { x: n.clone(), y, whiskers, marker, hollow: k == 1, colour: Colour::cycle(k), label, ..Points::default() }.into()
    };
    let line =
        Line { x: n.clone(), y: n.iter().map(|n| n * n * 1e-9).collect(), dash: Dash::Dashed, label: "∝ N²".into(), ..Line::default() };
    Panel {
        title: "Cost of a step".into(),
        x: Axis { scale: Scale::Log, ..Axis::new("neurons N") },
        y: Axis { scale: Scale::Log, ..Axis::new("time per step (s)") },
        marks: vec![line.into(), points(0, 2.0), points(1, 1.0), points(2, 0.4)],
        ..Panel::default()
    }
}

fn phase_panel() -> Panel {
    let matrix = DMatrix::from_fn(40, 50, |i, j| (f64::from(i as u32) - 20.0).atan2(f64::from(j as u32) - 25.0));
    Panel {
        title: "Phase of the response, a cyclic quantity, with a long title that has to wrap".into(),
        x: Axis::new("drive frequency (Hz)"),
        y: Axis::new("amplitude"),
        marks: vec![
            HeatMap {
                matrix,
                x: Some((0.0, 25.0)),
                y: Some((2.0, 0.0)),
                map: ColourMap::Cyclic,
                label: "phase (rad)".into(),
                ..HeatMap::default()
            }
            .into(),
            Note { x: 12.5, y: 1.0, text: "locked".into(), ..Note::default() }.into(),
        ],
        ..Panel::default()
    }
}

fn awkward(title: &str, marks: Vec<Mark>) -> Panel {
    Panel { title: title.into(), x: Axis::new("x"), y: Axis::new("y"), marks, ..Panel::default() }
}

fn awkward_panels() -> Vec<Panel> {
    let line = |x: &[f64], y: &[f64]| Line { x: x.to_vec(), y: y.to_vec(), label: "a".into(), ..Line::default() }.into();
    let points = |x: &[f64], y: &[f64]| Points { x: x.to_vec(), y: y.to_vec(), label: "b".into(), ..Points::default() }.into();
    let nan = f64::NAN;
    let names =
        ["somatosensory cortex", "retrosplenial", "posterior parietal cortex", "hippocampus", "motor", "thalamus", "V1", "striatum"];
    let many = ScoreSeries { values: noise(8, 9), label: "method".into(), ..ScoreSeries::default() };
    vec![
        awkward("nothing", vec![]),
        awkward("a constant", vec![line(&[0.0, 1.0], &[3.0, 3.0])]),
        awkward("one point", vec![points(&[2.0], &[-1e-7])]),
        awkward("gaps", vec![line(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], &[0.0, 1.0, nan, 1.5, f64::INFINITY, 2.0])]),
        awkward("large numbers", vec![line(&[0.0, 2e6, 5e6], &[-2e-5, 1e-5, 3.5e-5])]),
        awkward("close numbers", vec![points(&[1.0, 2.0], &[100_000.01, 100_000.02])]),
        Panel { x: Axis::categories(names), ..awkward("many long names", vec![Scores { series: vec![many], ..Scores::default() }.into()]) },
        Panel {
            y: Axis { scale: Scale::Log, ..Axis::new("a very long label of an axis that does not fit into one line (1/s)") },
            ..awkward("log of less than a decade", vec![line(&[0.0, 1.0, 2.0], &[-1.0, 0.3, 0.9])])
        },
        awkward("all missing", vec![HeatMap { matrix: DMatrix::from_element(3, 3, nan), ..HeatMap::default() }.into()]),
    ]
}

fn figures() -> Vec<(&'static str, Figure)> {
    let walk = vec![exponent_panel(), spectrum_panel(), scores_panel(ScoreKind::Dots), scores_panel(ScoreKind::Bars)];
    let maps = vec![regions_panel(), connectivity_panel(), raster_panel(), phase_panel(), scaling_panel(), traces_panel()];
    vec![
        ("curves", Figure { title: "Theory and simulation".into(), panels: walk, columns: 2, ..Figure::default() }),
        ("maps", Figure { panels: maps, columns: 2, row_heights: vec![1.0, 0.8], ..Figure::default() }),
        ("awkward", Figure { panels: awkward_panels(), columns: 3, ..Figure::default() }),
        (
            "shared",
            Figure {
                panels: vec![exponent_panel(), scaling_panel(), scores_panel(ScoreKind::Bars)],
                columns: 3,
                shared_legend: true,
                ..Figure::default()
            },
        ),
        ("small", Figure { panels: awkward_panels(), columns: 5, panel_size: (250, 250), ..Figure::default() }),
        ("single", Figure { panels: vec![scaling_panel()], ..Figure::default() }),
    ]
}

#[test]
fn every_kind_of_panel_is_saved() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/gallery");
    std::fs::create_dir_all(&folder).unwrap();
    for (stem, figure) in figures() {
        let files = figure.save(&folder, stem).unwrap();
        assert_eq!(files.len(), 2);
        assert!(files.iter().all(|file| std::fs::metadata(file).unwrap().len() > 1000));
        let size = std::fs::metadata(&files[0]).unwrap().len();
        assert!(size < 1_500_000, "{stem}.svg has {size} bytes");
    }
}

#[test]
fn svg_text_stays_text_and_has_no_stray_numbers() {
    let svg = Figure { panels: vec![exponent_panel(), raster_panel()], columns: 2, ..Figure::default() }.svg().unwrap();
    for words in ["gain g", "largest Lyapunov exponent", "mean-field theory", "−0.4", "rate (Hz)", "g = 1"] {
        assert!(svg.contains(&format!(">\n{words}\n</text>")), "{words}");
    }
    assert!(svg.contains("font-family=\"DejaVu Sans, sans-serif\""));
    assert!(svg.contains("data:image/png;base64,"));
    // Letters of base 64 may spell anything.
    let written: String = svg.split("base64,").map(|part| part.split_once("\"/>").map_or(part, |(_, rest)| rest)).collect();
    assert!(!written.contains("NaN") && !written.contains("inf") && !svg.contains('\u{F0FFF}'));
    assert!(svg.trim_end().ends_with("</svg>"));
}

#[test]
fn no_text_leaves_the_page() {
    for (stem, figure) in figures() {
        let svg = figure.svg().unwrap();
        let size =
            |name: &str| svg.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next()?.parse::<f64>().ok()).unwrap();
        let (width, height) = (10.0 * size("width"), 10.0 * size("height"));
        for tag in svg.split("<text ").skip(1) {
            let value = |name: &str| tag.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_string();
            let (x, y): (f64, f64) = (value("x").parse().unwrap(), value(" y").parse().unwrap());
            let words = tag.split(">\n").nth(1).and_then(|rest| rest.split("\n<").next()).unwrap();
            let length = font::width(words, value("font-size").parse().unwrap(), tag.contains("bold"));
            let turned = tag.contains("rotate(270");
            let (start, limit) = if turned { (height - y, height) } else { (x, width) };
            let before = match value("text-anchor").as_str() {
                "start" => 0.0,
                "middle" => 0.5,
                _ => 1.0,
            };
            let (low, high) = (start - before * length, start + (1.0 - before) * length);
            assert!(low >= 0.0 && high <= limit, "{stem}: '{words}' from {low} to {high} of {limit}");
        }
    }
}

#[test]
fn the_same_figure_gives_the_same_bytes() {
    let figure = Figure { panels: vec![spectrum_panel(), connectivity_panel()], ..Figure::default() };
    assert_eq!(figure.svg().unwrap(), figure.svg().unwrap());
    assert_eq!(figure.png().unwrap(), figure.png().unwrap());
}

#[test]
fn bad_input_is_refused_with_a_reason() {
    let one = |panel: Panel| Figure { panels: vec![panel], ..Figure::default() }.svg().unwrap_err().to_string();
    assert!(Figure::default().svg().is_err());
    let uneven = Line { x: vec![0.0; 3], y: vec![0.0; 2], ..Line::default() };
    assert!(one(awkward("", vec![uneven.into()])).contains("3 values"));
    assert!(one(awkward("", vec![HeatMap::default().into()])).contains("at least one row"));
    let log = Axis { scale: Scale::Log, range: Some((0.0, 1.0)), ..Axis::default() };
    assert!(one(Panel { y: log, ..Panel::default() }).contains("above 0"));
    assert!(one(Panel { x: Axis { range: Some((1.0, 1.0)), ..Axis::default() }, ..Panel::default() }).contains("two different"));
    assert!(one(Panel { x: Axis::categories(Vec::<String>::new()), ..Panel::default() }).contains("at least one name"));
    let small = Figure { panels: awkward_panels(), panel_size: (150, 130), ..Figure::default() };
    assert!(small.svg().unwrap_err().to_string().contains("panel_size = 150 × 130: expected at least"));
    let error = Figure { panels: vec![exponent_panel()], ..Figure::default() }.save("no/such/folder", "a").unwrap_err();
    assert!(matches!(error, crate::Error::File { .. }));
}
