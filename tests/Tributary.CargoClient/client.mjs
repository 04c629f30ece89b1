import { buildApi } from "@cargo-ai/api";

/** The vendor's client for the server under test. */
export const api = (options = {}) =>
  buildApi({ baseUrl: process.env.TRIBUTARY_URL, accessToken: process.env.TRIBUTARY_TOKEN, ...options });

/** The error that a call ends with. */
export const refusal = async (call) => {
  try {
    await call;
  } catch (error) {
    return error;
  }

  throw new Error("The call was not refused.");
};
