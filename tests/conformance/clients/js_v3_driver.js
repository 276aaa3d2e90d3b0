// The AWS SDK for JavaScript, version 3. See ../scenario.py for what a driver reads and prints.
const readline = require("readline");
const sdk = require("@aws-sdk/client-comprehend");

const operations = {
  describe: sdk.DescribeEntityRecognizerCommand,
  stop: sdk.StopTrainingEntityRecognizerCommand,
  delete: sdk.DeleteEntityRecognizerCommand,
};
const clients = {};

function client(endpoint, attempts) {
  const settings = attempts === "0" ? { endpoint } : { endpoint, maxAttempts: Number(attempts) };
  return (clients[endpoint + attempts] ??= new sdk.ComprehendClient(settings));
}

async function call(endpoint, operation, arn, attempts) {
  try {
    const answer = await client(endpoint, attempts).send(new operations[operation]({ EntityRecognizerArn: arn }));
    const properties = Object.entries(answer.EntityRecognizerProperties ?? {});
    return Object.fromEntries(properties.map(([name, value]) => [name, value instanceof Date ? value.getTime() : value]));
  } catch (error) {
    if (sdk[error.name] !== undefined && !(error instanceof sdk[error.name])) {
      return { error: "not the class of the model: " + error.name };
    }
    return { error: error.name, message: error.message, http: error.$metadata?.httpStatusCode, id: error.$metadata?.requestId };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await call(...line.split("\t"))));
  }
}

if (process.argv.length > 2) {
  console.log("JavaScript v3", require("@aws-sdk/client-comprehend/package.json").version);
} else {
  main();
}
