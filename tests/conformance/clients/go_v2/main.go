// The AWS SDK for Go, version 2. See ../../scenario.py for what a driver reads and prints.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/comprehend"
	"github.com/aws/aws-sdk-go-v2/service/comprehend/types"
	"github.com/aws/smithy-go"
)

var clients = map[string]*comprehend.Client{}

func client(endpoint string, attempts string) *comprehend.Client {
	if clients[endpoint+attempts] == nil {
		// Not in the options below: those come too late for this version, which then makes three attempts all the same.
		n, _ := strconv.Atoi(attempts)
		settings, err := config.LoadDefaultConfig(context.Background(), config.WithRetryMaxAttempts(n))
		if err != nil {
			panic(err)
		}
		clients[endpoint+attempts] = comprehend.NewFromConfig(settings, func(options *comprehend.Options) {
			options.EndpointResolver = comprehend.EndpointResolverFromURL(endpoint)
		})
	}
	return clients[endpoint+attempts]
}

func call(c *comprehend.Client, operation string, arn *string) (*types.EntityRecognizerProperties, error) {
	background := context.Background()
	switch operation {
	case "describe":
		answer, err := c.DescribeEntityRecognizer(background, &comprehend.DescribeEntityRecognizerInput{EntityRecognizerArn: arn})
		if err != nil {
			return nil, err
		}
		return answer.EntityRecognizerProperties, nil
	case "stop":
		_, err := c.StopTrainingEntityRecognizer(background, &comprehend.StopTrainingEntityRecognizerInput{EntityRecognizerArn: arn})
		return nil, err
	default:
		_, err := c.DeleteEntityRecognizer(background, &comprehend.DeleteEntityRecognizerInput{EntityRecognizerArn: arn})
		return nil, err
	}
}

func answer(properties *types.EntityRecognizerProperties, err error) map[string]interface{} {
	result := map[string]interface{}{}
	var failure smithy.APIError
	var response *awshttp.ResponseError
	if errors.As(err, &failure) && errors.As(err, &response) {
		return map[string]interface{}{"error": failure.ErrorCode(), "message": failure.ErrorMessage(),
			"http": response.HTTPStatusCode(), "id": response.ServiceRequestID()}
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
		fmt.Println("Go v2", aws.SDKVersion)
		return
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		words := strings.Split(lines.Text(), "\t")
		line, _ := json.Marshal(answer(call(client(words[0], words[3]), words[1], &words[2])))
		fmt.Println(string(line))
	}
}
