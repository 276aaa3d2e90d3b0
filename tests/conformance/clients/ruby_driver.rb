# The AWS SDK for Ruby: Debian's core, and a client of this service from the names of its operations and members, as the
# generated clients of other services are. See ../scenario.py for what a driver reads and prints.
require "aws-sdk-core"
require "json"
%w[credentials_configuration logging param_converter param_validator user_agent helpful_socket_errors retry_errors
   global_configuration regional_endpoint response_paging stub_responses idempotency_token transfer_encoding signature_v4
   protocols/json_rpc].each { |plugin| require "aws-sdk-core/plugins/#{plugin}" }

module Comprehend
  module Types
    Recognizer = Struct.new(:entity_recognizer_arn) { include Aws::Structure }
    Properties = Struct.new(:entity_recognizer_arn, :status, :message, :submit_time, :end_time, :training_start_time,
                            :training_end_time) { include Aws::Structure }
    Description = Struct.new(:entity_recognizer_properties) { include Aws::Structure }
    ERRORS = %i[InvalidRequestException ResourceNotFoundException ResourceInUseException TooManyRequestsException
                InternalServerException].each { |name| const_set(name, Struct.new(:message) { include Aws::Structure }) }
  end

  module Errors
    extend Aws::Errors::DynamicErrors
  end

  include Seahorse::Model

  def self.reference(shape, name = nil)
    Shapes::ShapeRef.new(shape: shape, location_name: name)
  end

  TEXT = Shapes::StringShape.new(name: "Text")
  TIME = Shapes::TimestampShape.new(name: "Time")
  EMPTY = Shapes::StructureShape.new(struct_class: Aws::EmptyStructure)

  def self.structure(type, members)
    Shapes::StructureShape.new(name: type.name.split("::").last).tap do |shape|
      members.each { |name, member| shape.add_member(name.gsub(/(?<!^)([A-Z])/, '_\1').downcase.to_sym, reference(member, name)) }
      shape.struct_class = type
    end
  end

  RECOGNIZER = structure(Types::Recognizer, "EntityRecognizerArn" => TEXT)
  PROPERTIES = structure(Types::Properties,
                         "EntityRecognizerArn" => TEXT, "Status" => TEXT, "Message" => TEXT, "SubmitTime" => TIME,
                         "EndTime" => TIME, "TrainingStartTime" => TIME, "TrainingEndTime" => TIME)
  DESCRIPTION = structure(Types::Description, "EntityRecognizerProperties" => PROPERTIES)

  API = Seahorse::Model::Api.new.tap do |api|
    api.version = "2017-11-27"
    api.metadata = { "apiVersion" => "2017-11-27", "endpointPrefix" => "comprehend", "jsonVersion" => "1.1",
                     "protocol" => "json", "serviceId" => "Comprehend", "signatureVersion" => "v4",
                     "signingName" => "comprehend", "targetPrefix" => "Comprehend_20171127" }
    { describe: ["DescribeEntityRecognizer", DESCRIPTION], stop: ["StopTrainingEntityRecognizer", EMPTY],
      delete: ["DeleteEntityRecognizer", EMPTY] }.each do |method, (name, output)|
      api.add_operation(method, Seahorse::Model::Operation.new.tap do |operation|
        operation.name = name
        operation.http_method = "POST"
        operation.http_request_uri = "/"
        operation.input = reference(RECOGNIZER)
        operation.output = reference(output)
        Types::ERRORS.each { |error| operation.errors << reference(structure(Types.const_get(error), "Message" => TEXT)) }
      end)
    end
  end

  class Client < Seahorse::Client::Base
    include Aws::ClientStubs
    @identifier = :comprehend
    set_api(API)
    add_plugin(Seahorse::Client::Plugins::ContentLength)
    plugins = Aws::Plugins
    [plugins::CredentialsConfiguration, plugins::Logging, plugins::ParamConverter, plugins::ParamValidator,
     plugins::UserAgent, plugins::HelpfulSocketErrors, plugins::RetryErrors, plugins::GlobalConfiguration,
     plugins::RegionalEndpoint, plugins::ResponsePaging, plugins::StubResponses, plugins::IdempotencyToken,
     plugins::TransferEncoding, plugins::SignatureV4, plugins::Protocols::JsonRpc].each { |plugin| add_plugin(plugin) }

    class << self
      attr_reader :identifier

      def errors_module
        Errors
      end
    end

    def build_request(operation_name, params = {})
      context = Seahorse::Client::RequestContext.new(
        operation_name: operation_name, operation: config.api.operation(operation_name), client: self, params: params,
        config: config)
      Seahorse::Client::Request.new(@handlers.for(operation_name), context)
    end
  end
end

CLIENTS = {}

def client(endpoint, attempts)
  settings = { endpoint: endpoint, region: ENV["AWS_DEFAULT_REGION"] }
  settings[:retry_limit] = attempts.to_i - 1 if attempts != "0"
  CLIENTS[[endpoint, attempts]] ||= Comprehend::Client.new(settings)
end

def call(endpoint, operation, arn, attempts)
  answer = client(endpoint, attempts).public_send(operation, entity_recognizer_arn: arn)
  return {} if operation != "describe"
  answer.entity_recognizer_properties.to_h.to_h do |member, value|
    [member.to_s.split("_").map(&:capitalize).join, value.is_a?(Time) ? (value.to_r * 1000).round : value]
  end
rescue Aws::Errors::ServiceError => error
  response = error.context.http_response
  { error: error.code, message: error.message, http: response.status_code, id: response.headers["x-amzn-requestid"] }
end

if ARGV.any?
  puts "Ruby #{Aws::CORE_GEM_VERSION}"
  exit
end
STDOUT.sync = true
STDIN.set_encoding("UTF-8")
STDIN.each_line { |line| puts JSON.generate(call(*line.chomp.split("\t"))) }
