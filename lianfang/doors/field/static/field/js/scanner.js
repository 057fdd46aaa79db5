// Reading a code with the camera: one seen code closes the camera again.

import QrScanner from "../vendor/qr-scanner.min.js";

const OURS = /^lf:(place|person):([A-Za-z0-9._-]{1,64})$/;

/**
 * Read one of the house's codes.
 * @param {string} told what the code says
 * @returns {{kind: "place" | "person", code: string} | null} null where it is somebody else's
 */
export function parse(told) {
  const parts = OURS.exec(told.trim());
  return parts ? { kind: parts[1], code: parts[2] } : null;
}

/**
 * Watch a picture until a code is seen.
 * @param {HTMLVideoElement} video
 * @param {(told: string) => boolean} onCode returns whether to go on watching
 * @returns {Promise<() => void>} stops the camera
 * @throws {Error} there is no camera, or it may not be used
 */
export async function watch(video, onCode) {
  const scanner = new QrScanner(
    video,
    (result) => {
      if (!onCode(result.data)) scanner.stop();
    },
    { preferredCamera: "environment", maxScansPerSecond: 12, returnDetailedScanResult: true, onDecodeError: () => undefined },
  );
  try {
    await scanner.start();
  } catch (fault) {
    scanner.destroy();
    throw fault instanceof Error ? fault : new Error(String(fault));
  }
  return () => scanner.destroy();
}
