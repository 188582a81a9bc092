//! What became of the suites: the table at the end and the line below it.

use std::fmt::Write;
use std::time::Duration;

use crate::suite::Suite;

/// How one suite ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// One line on what went wrong.
    Failed(String),
    /// One line on what was missing.
    Skipped(String),
}

impl Outcome {
    /// What this outcome counts as. Under CI a skip is a failure: a machine that checks every
    /// change and silently stops checking is worse than none.
    pub(crate) fn judged(self, ci: bool) -> Self {
        match self {
            Self::Skipped(why) if ci => Self::Failed(format!("may not be skipped under CI: {why}")),
            other => other,
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) suite: Suite,
    pub(crate) outcome: Outcome,
    pub(crate) took: Duration,
}

/// A line for each suite, in the order in which they ran.
pub(crate) fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.suite.name.len()).max().unwrap_or(0).max("suite".len());
    let mut table = format!("{:<width$}  {:<5}  {:>8}  result\n", "suite", "tier", "seconds");
    for Row { suite, outcome, took } in rows {
        let result = match outcome {
            Outcome::Passed => "passed".to_owned(),
            Outcome::Failed(why) => format!("failed: {}", first_line(why)),
            Outcome::Skipped(why) => format!("skipped: {}", first_line(why)),
        };
        writeln!(
            table,
            "{:<width$}  {:<5}  {:>8.1}  {result}",
            suite.name,
            suite.tier,
            took.as_secs_f64()
        )
        .expect("writing to a string cannot fail");
    }
    table
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// The last line of a run. Its form is relied on by whatever reads the output, so it is plain and
/// stands alone: `N passed, N failed`, and `, N skipped` where there were any. It counts suites.
pub(crate) fn summary(rows: &[Row]) -> String {
    let count = |wanted: fn(&Outcome) -> bool| rows.iter().filter(|r| wanted(&r.outcome)).count();
    let passed = count(|outcome| matches!(outcome, Outcome::Passed));
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
    let mut line = format!("{passed} passed, {failed} failed");
    if skipped > 0 {
        write!(line, ", {skipped} skipped").expect("writing to a string cannot fail");
    }
    line
}

/// Whether the run as a whole failed.
pub(crate) fn any_failed(rows: &[Row]) -> bool {
    rows.iter().any(|row| matches!(row.outcome, Outcome::Failed(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Tier;

    fn row(name: &'static str, outcome: Outcome) -> Row {
        let suite = Suite { name, tier: Tier::Lint, about: "", needs: &[], run: |_| Ok(()) };
        Row { suite, outcome, took: Duration::from_millis(1250) }
    }

    fn skipped() -> Outcome {
        Outcome::Skipped("chromium is missing".into())
    }

    #[test]
    fn the_summary_line_has_exactly_the_agreed_form() {
        let mut rows = vec![row("a", Outcome::Passed), row("b", Outcome::Passed)];
        assert_eq!(summary(&rows), "2 passed, 0 failed");
        rows.push(row("c", skipped()));
        assert_eq!(summary(&rows), "2 passed, 0 failed, 1 skipped");
        rows.push(row("d", Outcome::Failed("why".into())));
        assert_eq!(summary(&rows), "2 passed, 1 failed, 1 skipped");
    }

    #[test]
    fn a_skip_is_a_failure_under_ci_and_only_there() {
        assert_eq!(skipped().judged(false), skipped());
        assert!(!any_failed(&[row("a", skipped().judged(false))]));
        let judged = skipped().judged(true);
        assert!(matches!(&judged, Outcome::Failed(why) if why.contains("chromium is missing")));
        assert!(any_failed(&[row("a", judged)]));
        assert_eq!(Outcome::Passed.judged(true), Outcome::Passed);
    }

    #[test]
    fn the_table_has_one_line_for_each_suite_with_its_result() {
        let rows = [row("format", Outcome::Passed), row("page", Outcome::Failed("a\nb".into()))];
        let table = table(&rows);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[0], "suite   tier    seconds  result");
        assert_eq!(lines[1], "format  lint        1.2  passed");
        assert_eq!(lines[2], "page    lint        1.2  failed: a");
        assert_eq!(lines.len(), 3);
    }
}
