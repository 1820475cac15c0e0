//! Whether anything is to be heard in samples.

/// How much of a recording is weighed at once: a syllable, in parts of a second.
const WINDOWS_A_SECOND: u32 = 20;

/// Looks for the first moment that is loud enough.
pub(crate) struct Loudness {
    /// The least power that is a sound, full scale being one; none when it was heard.
    least: Option<f64>,
    window: u64,
    frames: u64,
    channels: Vec<Power>,
}

#[derive(Clone, Copy, Default)]
struct Power {
    sum: f64,
    squares: f64,
}

impl Loudness {
    /// Waits for a moment of at least `quietest` decibels below full scale; none hears at once. `rate` is in frames a second.
    pub(crate) fn new(quietest: Option<f32>, rate: u32, channels: usize) -> Self {
        Self {
            least: quietest.map(|decibels| 10_f64.powf(f64::from(decibels) / 10.0)),
            window: u64::from((rate / WINDOWS_A_SECOND).max(1)),
            frames: 0,
            channels: vec![Power::default(); channels.max(1)],
        }
    }

    /// Weighs interleaved samples.
    pub(crate) fn listen(&mut self, samples: &[f32]) {
        for frame in samples.chunks_exact(self.channels.len()) {
            if self.least.is_none() {
                return;
            }
            for (power, sample) in self.channels.iter_mut().zip(frame) {
                let sample = f64::from(*sample);
                power.sum += sample;
                power.squares += sample * sample;
            }
            self.frames += 1;
            if self.frames == self.window {
                self.weigh();
            }
        }
    }

    /// Whether a moment was loud enough so far.
    pub(crate) fn is_heard(&self) -> bool {
        self.least.is_none()
    }

    /// Whether one was, now that there are no more samples.
    pub(crate) fn was_heard(&mut self) -> bool {
        if self.frames > 0 && self.least.is_some() {
            self.weigh();
        }
        self.is_heard()
    }

    fn weigh(&mut self) {
        let frames = self.frames as f64;
        // A constant is no sound: cheap converters have one. So the power around the mean, which rounding may make negative.
        let power = |power: &Power| power.squares / frames - (power.sum / frames).powi(2);
        if let Some(least) = self.least
            && self.channels.iter().map(power).any(|power| power >= least)
        {
            self.least = None;
        }
        self.frames = 0;
        self.channels.fill(Power::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hears(quietest: f32, channels: usize, samples: &[f32]) -> bool {
        let mut loudness = Loudness::new(Some(quietest), 1_000, channels);
        samples
            .chunks(7 * channels)
            .for_each(|packet| loudness.listen(packet));
        loudness.was_heard()
    }

    fn square(loudness: f32, frames: usize) -> Vec<f32> {
        (0..frames)
            .map(|frame| if frame % 2 == 0 { loudness } else { -loudness })
            .collect()
    }

    #[test]
    fn the_threshold_is_in_decibels_of_full_scale() {
        assert!(hears(-60.0, 1, &square(0.001_01, 200)));
        assert!(!hears(-60.0, 1, &square(0.000_99, 200)));
        assert!(!hears(-60.0, 1, &[0.0; 200]));
    }

    #[test]
    fn one_short_sound_in_a_long_silence_is_enough() {
        let mut samples = vec![0.0; 50_000];
        samples[30_000..30_050].copy_from_slice(&square(0.1, 50));
        assert!(hears(-60.0, 1, &samples));
    }

    #[test]
    fn a_constant_is_no_sound_and_one_channel_of_two_is() {
        assert!(!hears(-60.0, 1, &[0.25; 500]));
        let left: Vec<f32> = square(0.1, 500).iter().flat_map(|left| [*left, 0.25]).collect();
        assert!(hears(-60.0, 2, &left));
        let neither: Vec<f32> = [0.25, -0.25].repeat(500);
        assert!(!hears(-60.0, 2, &neither));
    }

    #[test]
    fn what_is_no_number_is_no_sound() {
        assert!(!hears(-60.0, 1, &[f32::NAN; 200]));
        assert!(!hears(-60.0, 1, &[f32::INFINITY; 200]));
    }

    #[test]
    fn a_sound_shorter_than_a_window_counts_at_the_end() {
        assert!(hears(-60.0, 1, &square(0.1, 3)));
    }
}
