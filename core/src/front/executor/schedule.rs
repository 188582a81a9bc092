//! Which rows are made when, decided once: the same for every run.

use std::ops::Range;

use super::step::Step;

/// One turn of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) step: usize,
    /// The output rows that it makes.
    pub(super) rows: Range<usize>,
}

/// The turns of a run, and how many rows of each value are alive at once.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    pub(super) turns: Vec<Turn>,
    pub(super) alive: Vec<usize>,
}

/// Follows the output from the first of these rows to the last, and makes of everything else only
/// what the next rows need. `heights` are the rows of each value.
pub(super) fn schedule(
    steps: &[Step],
    heights: &[usize],
    output: usize,
    rows: Range<usize>,
) -> Schedule {
    let mut readers: Vec<Vec<(usize, usize)>> = vec![Vec::new(); heights.len()];
    let mut makers = vec![0; heights.len()];
    for (index, step) in steps.iter().enumerate() {
        makers[step.output] = index;
        for (input, value) in step.inputs.iter().enumerate() {
            readers[*value].push((index, input));
        }
    }
    let needed = needed(steps, heights, output, rows.clone());
    let mut planner = Planner {
        steps,
        heights,
        makers,
        readers,
        made: needed.iter().map(|rows| rows.start).collect(),
        ends: needed.iter().map(|rows| rows.end).collect(),
        schedule: Schedule { turns: Vec::new(), alive: vec![0; heights.len()] },
    };
    planner.make(output, rows.end);
    planner.schedule
}

/// The rows of each value that these rows of the output need. They begin and end where tiles do, so
/// that every tile is the same whichever rows are asked for.
pub(super) fn needed(
    steps: &[Step],
    heights: &[usize],
    output: usize,
    rows: Range<usize>,
) -> Vec<Range<usize>> {
    let nothing = Range { start: usize::MAX, end: 0 };
    let mut needed = vec![nothing; heights.len()];
    needed[output] = rows;
    // A step may stand before one that it reads, where a sum was fused into it: then once more.
    let mut changed = true;
    while std::mem::take(&mut changed) {
        for step in steps.iter().rev() {
            let rows = needed[step.output].clone();
            if rows.is_empty() {
                continue;
            }
            let grain = step.grain();
            let start = rows.start / grain * grain;
            let rows = start..rows.end.next_multiple_of(grain).min(heights[step.output]);
            needed[step.output] = rows.clone();
            for (input, &value) in step.inputs.iter().enumerate() {
                let under = step.under(input, &rows, heights[value]);
                let so_far = &mut needed[value];
                let both = so_far.start.min(under.start)..so_far.end.max(under.end);
                changed |= both != *so_far;
                *so_far = both;
            }
        }
    }
    for rows in &mut needed {
        *rows = rows.start.min(rows.end)..rows.end;
    }
    needed
}

/// A value of which rows are wanted, and how many inputs of its next band are there already.
struct Making {
    value: usize,
    upto: usize,
    inputs_there: usize,
}

struct Planner<'a> {
    steps: &'a [Step],
    heights: &'a [usize],
    makers: Vec<usize>,
    readers: Vec<Vec<(usize, usize)>>,
    made: Vec<usize>,
    /// Where the rows that are needed of each value end.
    ends: Vec<usize>,
    schedule: Schedule,
}

impl Planner<'_> {
    /// Makes the rows of a value up to this one, and what they need before them. What is in the
    /// making stands in a list: a network may be deeper than the stack.
    fn make(&mut self, value: usize, upto: usize) {
        let mut making = vec![Making { value, upto, inputs_there: 0 }];
        while let Some(Making { value, upto, inputs_there }) = making.last_mut() {
            let value = *value;
            let start = self.made[value];
            if start >= *upto {
                making.pop();
                continue;
            }
            let index = self.makers[value];
            let step = &self.steps[index];
            let rows = start..(start + step.band).min(self.ends[value]);
            if let Some(&from) = step.inputs.get(*inputs_there) {
                let needed = step.under(*inputs_there, &rows, self.heights[from]);
                *inputs_there += 1;
                making.push(Making { value: from, upto: needed.end, inputs_there: 0 });
                continue;
            }
            *inputs_there = 0;
            let alive = rows.end - self.oldest(value);
            self.schedule.alive[value] = self.schedule.alive[value].max(alive);
            self.made[value] = rows.end;
            self.schedule.turns.push(Turn { step: index, rows });
        }
    }

    /// The first row of a value that somebody will still read.
    fn oldest(&self, value: usize) -> usize {
        let made = self.made[value];
        let next = self.readers[value].iter().map(|&(index, input)| {
            let step = &self.steps[index];
            let at = self.made[step.output];
            if at >= self.ends[step.output] {
                return made;
            }
            step.under(input, &(at..at + 1), self.heights[value]).start
        });
        next.min().unwrap_or(made).min(made)
    }
}
