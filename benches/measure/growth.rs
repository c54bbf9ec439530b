//! Steps of a benchmark, and how they grow with its size.

use std::fmt::Write as _;
use std::time::Instant;

use super::measure::{cpu_seconds, peak_mib};

/// Says how long something took.
pub fn step<T>(name: &str, run: impl FnOnce() -> (T, String)) -> T {
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let (out, words) = run();
    println!(
        "{name:>11}: {:7.3} s wall, {:6.2} s CPU, {:5} MiB peak; {words}",
        start.elapsed().as_secs_f64(),
        cpu_seconds() - cpu,
        peak_mib()
    );
    out
}

/// What a plot is about.
#[derive(Debug)]
pub struct Plot {
    /// What sizes count, in thousands: `k roles`.
    pub unit: &'static str,
    /// What the second figure of a measurement is: `s CPU`.
    pub time: &'static str,
    /// The least size, time and memory that are drawn.
    pub least: (f64, f64, f64),
}

impl Plot {
    /// Seconds and memory over size, both axes logarithmic: straight lines at 45 degrees grow linearly.
    pub fn svg(&self, measured: &[(f64, f64, f64)]) -> String {
        let x = |size: f64| 70.0 + (size / self.least.0).log2() * 90.0;
        let y = |value: f64, least: f64| 340.0 - (value.max(least / 2.0) / least).log2() * 45.0;
        let mut out = String::from(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"600\" height=\"400\" font-family=\"sans-serif\" \
             font-size=\"11\"><rect width=\"600\" height=\"400\" fill=\"white\"/>\n",
        );
        let times = measured.iter().map(|it| (it.0, it.1)).collect::<Vec<_>>();
        let sizes = measured.iter().map(|it| (it.0, it.2)).collect::<Vec<_>>();
        let lines =
            [(self.time, "#1565c0", self.least.1, times), ("MiB", "#c62828", self.least.2, sizes)];
        for (name, colour, least, values) in lines {
            let mut line = String::new();
            for (size, value) in values {
                let (px, py) = (x(size), y(value, least));
                let _ = write!(line, "{px:.0},{py:.0} ");
                let _ = writeln!(
                    out,
                    "<circle cx=\"{px:.0}\" cy=\"{py:.0}\" r=\"3\" fill=\"{colour}\"/><text x=\"{:.0}\" y=\"{:.0}\" \
                     fill=\"{colour}\">{value:.1} {name}</text>",
                    px + 6.0,
                    py - 6.0
                );
            }
            let _ = writeln!(
                out,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\"/>",
                line.trim()
            );
        }
        for (size, ..) in measured {
            let _ = writeln!(
                out,
                "<text x=\"{:.0}\" y=\"370\" text-anchor=\"middle\">{:.0} {}</text>",
                x(*size),
                size / 1000.0,
                self.unit
            );
        }
        out.push_str("</svg>\n");
        out
    }
}
