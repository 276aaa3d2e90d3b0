// The AWS SDK for Go, version 1. See ../../scenario.py for what a driver reads and prints.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/awserr"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/comprehend"
)

var clients = map[string]*comprehend.Comprehend{}

func client(endpoint string, attempts string) *comprehend.Comprehend {
	if clients[endpoint+attempts] == nil {
		config := aws.NewConfig().WithEndpoint(endpoint).WithRegion(os.Getenv("AWS_DEFAULT_REGION"))
		if n, _ := strconv.Atoi(attempts); n != 0 {
			config = config.WithMaxRetries(n - 1)
		}
		clients[endpoint+attempts] = comprehend.New(session.Must(session.NewSession(config)))
	}
	return clients[endpoint+attempts]
}

func call(c *comprehend.Comprehend, operation string, arn *string) (*comprehend.EntityRecognizerProperties, error) {
	switch operation {
	case "describe":
		answer, err := c.DescribeEntityRecognizer(&comprehend.DescribeEntityRecognizerInput{EntityRecognizerArn: arn})
		return answer.EntityRecognizerProperties, err
	case "stop":
		_, err := c.StopTrainingEntityRecognizer(&comprehend.StopTrainingEntityRecognizerInput{EntityRecognizerArn: arn})
		return nil, err
	default:
		_, err := c.DeleteEntityRecognizer(&comprehend.DeleteEntityRecognizerInput{EntityRecognizerArn: arn})
		return nil, err
	}
}

func answer(properties *comprehend.EntityRecognizerProperties, err error) map[string]interface{} {
	result := map[string]interface{}{}
	if failure, ok := err.(awserr.RequestFailure); ok {
		return map[string]interface{}{"error": failure.Code(), "message": failure.Message(),
			"http": failure.StatusCode(), "id": failure.RequestID()}
	} else if err != nil {
		return map[string]interface{}{"error": err.Error()}
	}
	if properties != nil {
		for name, value := range map[string]*time.Time{"SubmitTime": properties.SubmitTime, "EndTime": properties.EndTime,
			"TrainingStartTime": properties.TrainingStartTime, "TrainingEndTime": properties.TrainingEndTime} {
			if value != nil {
				result[name] = value.UnixMilli()
			}
		}
		result["EntityRecognizerArn"] = properties.EntityRecognizerArn
		result["Status"] = properties.Status
	}
	return result
}

func main() {
	if len(os.Args) > 1 {
		fmt.Println("Go v1", aws.SDKVersion)
		return
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		words := strings.Split(lines.Text(), "\t")
		line, _ := json.Marshal(answer(call(client(words[0], words[3]), words[1], &words[2])))
		fmt.Println(string(line))
	}
}
