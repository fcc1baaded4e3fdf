import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { betaCalibration, calibrated, plattScaling, sigmoid } from "./calibrate.ts";
import { expectedCalibrationError } from "./curves.ts";
import { seededRandom } from "./prng.ts";

Deno.test("Platt scaling finds the minimum that SciPy finds", () => {
  // scipy.optimize.minimize (BFGS) on the same smoothed targets.
  const found = plattScaling(
    [-2, -1.5, -1, -.5, .2, .4, 1, 1.5, 2, -.3],
    [0, 0, 1, 0, 0, 1, 1, 1, 1, 0],
  );
  assertAlmostEquals(found.above, 0.90065439, 1e-5);
  assertAlmostEquals(found.below, 0.90065439, 1e-5);
  assertAlmostEquals(found.offset, 0.02243332, 1e-5);
});

Deno.test("beta calibration mends tails that differ", () => {
  const random = seededRandom(11);
  const logits = Array.from({ length: 20_000 }, () => (random() + random() + random() - 1.5) * 6);
  const truth = { above: 0.5, below: 2, offset: 0.3 };
  const labels = logits.map((z) => random() < sigmoid(calibrated(z, truth)) ? 1 : 0);
  const found = betaCalibration(logits, labels);
  assertAlmostEquals(found.above, truth.above, 0.1);
  assertAlmostEquals(found.below, truth.below, 0.25);
  const scores = logits.map((z) => sigmoid(calibrated(z, found)));
  assert(expectedCalibrationError({ scores, labels }) < 0.01);
});

Deno.test("the order of logits is kept, and one class alone changes nothing", () => {
  const found = betaCalibration([3, 2, 1, -1, -2, -3], [0, 0, 1, 0, 1, 1]);
  assertEquals(found.above === found.below, true); // fell back to Platt: both slopes alike
  assertEquals(betaCalibration([1, 2], [1, 1]), { above: 1, below: 1, offset: 0 });
});
