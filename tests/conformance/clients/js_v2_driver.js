// The AWS SDK for JavaScript, version 2. See ../scenario.py for what a driver reads and prints.
process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = "1";
const readline = require("readline");
const AWS = require("aws-sdk");

const operations = {
  describe: "describeEntityRecognizer",
  stop: "stopTrainingEntityRecognizer",
  delete: "deleteEntityRecognizer",
};
const clients = {};

function client(endpoint, attempts) {
  const settings = { endpoint, region: process.env.AWS_DEFAULT_REGION };
  return (clients[endpoint + attempts] ??= new AWS.Comprehend(
    attempts === "0" ? settings : { ...settings, maxRetries: Number(attempts) - 1 }));
}

async function call(endpoint, operation, arn, attempts) {
  try {
    const answer = await client(endpoint, attempts)[operations[operation]]({ EntityRecognizerArn: arn }).promise();
    const properties = Object.entries(answer.EntityRecognizerProperties ?? {});
    return Object.fromEntries(properties.map(([name, value]) => [name, value instanceof Date ? value.getTime() : value]));
  } catch (error) {
    return { error: error.code, message: error.message, http: error.statusCode, id: error.requestId };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await call(...line.split("\t"))));
  }
}

if (process.argv.length > 2) {
  console.log("JavaScript v2", AWS.VERSION);
} else {
  main();
}
