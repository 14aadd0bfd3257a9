// Creates a Customer Insights profile and updates it, as a user of the Azure SDK for Go would: the
// generation of clients that is built on go-autorest, with its client for any resource.
//
// Signs in with what AZURE_* says. Prints each resource, then one JSON line with their
// provisioningState; on failure the error's code, and exits with 1.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/services/resources/mgmt/2021-04-01/resources"
	"github.com/Azure/go-autorest/autorest/azure"
	"github.com/Azure/go-autorest/autorest/azure/auth"
)

const public = "https://management.azure.com"

var (
	endpoint     = flag.String("endpoint", public, "`URL` of Azure Resource Manager")
	subscription = flag.String("subscription", "", "`ID` of the subscription")
	group        = flag.String("resource-group", "TestHubRG", "`NAME`")
	hub          = flag.String("hub", "sdkTestHub", "`NAME`")
	profile      = flag.String("profile", "TestProfileType396", "`NAME`")
	file         = flag.String("body", "", "JSON `FILE` with the body of the profile, nested under properties")
	apiVersion   = flag.String("api-version", "2017-04-26", "`VERSION` of the API")
	createOnly   = flag.Bool("create-only", false, "leave the update out")
	interval     = flag.Float64("interval", 30, "`SECONDS` between polls where the service says nothing, and before another try")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		report(err)
		os.Exit(1)
	}
}

func run() error {
	body, err := read()
	if err != nil {
		return err
	}
	// Tokens are asked for the real host, whatever the endpoint is.
	authorizer, err := auth.NewAuthorizerFromEnvironmentWithResource(public + "/")
	if err != nil {
		return err
	}
	client := resources.NewClientWithBaseURI(strings.TrimRight(*endpoint, "/"), *subscription)
	client.Authorizer = authorizer
	// Both are 30 s by themselves.
	pause := time.Duration(*interval * float64(time.Second))
	client.PollingDelay, client.RetryDuration = pause, pause

	states := map[string]interface{}{}
	if states["created"], err = put(client, body); err != nil {
		return err
	}
	if !*createOnly {
		properties := body.Properties.(map[string]interface{})
		properties["displayName"] = map[string]string{"en-us": "Savings customer"}
		properties["description"] = map[string]string{"en-us": "A customer with a savings account"}
		if states["updated"], err = put(client, body); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(states)
}

func put(client resources.Client, body resources.GenericResource) (state interface{}, err error) {
	id := fmt.Sprintf("/subscriptions/%s/resourceGroups/%s/providers/Microsoft.CustomerInsights/hubs/%s/profiles/%s",
		*subscription, *group, *hub, *profile)
	ctx := context.Background()
	future, err := client.CreateOrUpdateByID(ctx, id, *apiVersion, body)
	if err != nil {
		return nil, err
	}
	if err := future.WaitForCompletionRef(ctx, client.Client); err != nil {
		return nil, err
	}
	resource, err := future.Result(client)
	if err != nil {
		return nil, err
	}
	// Its own MarshalJSON leaves out what can only be read.
	err = json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"id": resource.ID, "name": resource.Name, "properties": resource.Properties,
	})
	properties, _ := resource.Properties.(map[string]interface{})
	return properties["provisioningState"], err
}

func read() (body resources.GenericResource, err error) {
	content := []byte(plain)
	if *file != "" {
		if content, err = os.ReadFile(*file); err != nil {
			return body, err
		}
	}
	if err = json.Unmarshal(content, &body); err != nil {
		return body, err
	}
	// Every digit of a number stays.
	exact := struct {
		Properties map[string]interface{} `json:"properties"`
	}{}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	err = decoder.Decode(&exact)
	if exact.Properties != nil {
		body.Properties = exact.Properties
	}
	return body, err
}

const plain = `{"properties": {
	"schemaItemTypeLink": "SchemaItemTypeLink",
	"strongIds": [{"keyPropertyNames": ["Id"], "strongIdName": "Id"}],
	"fields": [{"fieldName": "Id", "fieldType": "Edm.String", "isArray": false, "isRequired": true}],
	"apiEntitySetName": "TestProfileType396"
}}`

func report(err error) {
	code := ""
	var service *azure.ServiceError
	var request *azure.RequestError
	if errors.As(err, &service) {
		code = service.Code
	} else if errors.As(err, &request) && request.ServiceError != nil {
		code = request.ServiceError.Code
	}
	text, _ := json.Marshal(map[string]string{"error": code, "message": err.Error()})
	fmt.Println(string(text))
}
